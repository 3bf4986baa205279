package ocr

import (
	"encoding/hex"
	"fmt"
	"image"
	"math"
	"math/bits"
)

// PictureHash stays nearly the same when a picture is saved again, made smaller
// or brighter: the signs of its 16 × 16 lowest frequencies (the zero one is left
// out, which is only the brightness). The zero value means that nothing was seen.
type PictureHash [32]byte

// NearDuplicate is the largest Distance at which two pictures are probably one
// photo or scan (TestHashKnowsACopy: copies are up to 14 away, the
// same paper photographed for another person 29 and more). Two flat scans of one printed
// form filled in by different persons can be as near, because a name is small
// print on a large page: whoever finds a pair compares what was read on them.
const NearDuplicate = 16

// Distance is how many of the 255 bits differ.
func (h PictureHash) Distance(other PictureHash) int {
	n := 0
	for i := range h {
		n += bits.OnesCount8(h[i] ^ other[i])
	}
	return n
}

// MarshalText writes 64 hexadecimal digits.
func (h PictureHash) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h[:])), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *PictureHash) UnmarshalText(text []byte) error {
	if len(text) != 2*len(h) {
		return fmt.Errorf("picture hash of %d characters: want %d", len(text), 2*len(h))
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return fmt.Errorf("picture hash: %w", err)
	}
	return nil
}

const (
	hashCells = 64 // each way, what the frequencies are taken of
	hashSide  = 16 // frequencies each way
)

func hashOf(grey *image.Gray) PictureHash {
	cells := shrinkGrey(grey, hashCells, hashCells)
	waves := waveTable()
	var rows [hashCells][hashSide]float64
	for y := range hashCells {
		for u := range hashSide {
			for x := range hashCells {
				rows[y][u] += cells[y*hashCells+x] * waves[u][x]
			}
		}
	}
	var h PictureHash
	for i := 1; i < hashSide*hashSide; i++ {
		sum := 0.0
		for y := range hashCells {
			sum += rows[y][i%hashSide] * waves[i/hashSide][y]
		}
		if sum > 0 {
			h[i/8] |= 1 << (i % 8)
		}
	}
	return h
}

// waveTable holds the cosines of the frequencies.
func waveTable() [hashSide][hashCells]float64 {
	var waves [hashSide][hashCells]float64
	for u := range waves {
		for x := range waves[u] {
			waves[u][x] = math.Cos(math.Pi * float64(u) * (float64(x) + 0.5) / hashCells)
		}
	}
	return waves
}
