// Package onnx rewrites an exported network so that it costs less and says the
// same.
//
// PP-OCR's models come with each hard swish written out in four operations and
// each learned scale and shift as two more. ONNX Runtime keeps a network in its
// fast blocked layout only between operations it has in that layout: convolutions,
// and products or sums of two planes of one shape. So every one of those six costs
// a pass over the plane, and all of them together a way out of the layout and
// back. Measured on the reader of PP-OCRv4, they were 60 % of the time.
//
// # Vocabulary
//
//	value      what flows along an edge of the graph; it has a name
//	constant   a value that is known: an initializer or a Constant node
//	affine     v*scale + shift, with one factor for all channels or one for each
//	hard swish v * clip(v+3, 0, 6) / 6
//
// # What is rewritten
//
//	fold   an affine right behind a convolution becomes part of its weights
//	swish  a hard swish becomes a convolution of one pixel with a clip, and one
//	       product; what is left of its factor, and the affine behind it, go into
//	       the weights of the next convolution, or become one of one pixel
//
// Both are exact but for rounding. What is not recognised stays as it is.
//
// Source: onnx/onnx.proto of ONNX 1.16, for the numbers of the fields.
// Errors: ErrMalformed, for bytes that are no model.
package onnx
