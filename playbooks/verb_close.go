package playbooks

import "context"

// closeVerb closes the pop-up in front: "close: window". A pop-up that closes
// itself needs none.
type closeVerb struct{}

func readClose(d *decoder, own field) action {
	if d.text(own, "close") != "window" {
		d.errorf(placeOf(own.value), "bad_close", "close: want the word window")
	}
	return &closeVerb{}
}

func (v *closeVerb) lint(*linter, *stage) {}

func (v *closeVerb) do(ctx context.Context, at *visit) error {
	_, err := at.act(ctx, Act{Verb: Close})
	return err
}
