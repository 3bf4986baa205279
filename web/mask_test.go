package web

import "testing"

func TestLongRunsOfDigitsAreMasked(t *testing.T) {
	for name, want := range map[string]string{
		"身份证379901198806150024.png": "身份证******************.png", "IMG_0012.jpg": "IMG_0012.jpg", "1234567": "*******", "a123456b": "a123456b", "": "",
		"379901198806150024和13900000024": "******************和***********",
	} {
		if got := maskDigits(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
