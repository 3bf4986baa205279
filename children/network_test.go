package children_test

import (
	"bytes"
	"testing"

	"github.com/jingban/jingban/children"
)

func TestAChildWithoutNetworkSeesNoInterfaceButItsOwnLoopback(t *testing.T) {
	if err := children.CanCutNetwork(); err != nil {
		t.Skip(err) // a container's own rule; doctor says so
	}
	var cut, open bytes.Buffer
	for out, without := range map[*bytes.Buffer]bool{&cut: true, &open: false} {
		spec := sh(`readlink /proc/self/ns/net; grep -c : /proc/net/dev; id -u`)
		spec.Stdout, spec.NoNetwork = out, without
		c := start(t, spec)
		<-c.Done()
		if c.Err() != nil {
			t.Fatal(c.Err())
		}
	}
	a, b := bytes.Split(cut.Bytes(), []byte("\n")), bytes.Split(open.Bytes(), []byte("\n"))
	if bytes.Equal(a[0], b[0]) || string(a[1]) != "1" || !bytes.Equal(a[2], b[2]) {
		t.Errorf("cut %q, open %q", cut.String(), open.String())
	}
}
