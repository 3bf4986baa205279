package web

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// staticFiles serves the embedded style sheets, scripts and libraries. Pages
// name them with the version, so they may be kept for a year.
func staticFiles(version string) http.Handler {
	files, err := fs.Sub(assets, "static")
	if err != nil {
		panic(err) // the folder is embedded: only a broken build gets here
	}
	plain := http.StripPrefix("/static/", http.FileServerFS(files))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
		if version != "" && r.URL.Query().Get("v") == version {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || path.Ext(r.URL.Path) == ".png" {
			plain.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Vary", "Accept-Encoding")
		packed := &gzipped{ResponseWriter: w, pack: gzip.NewWriter(w)}
		defer packed.close()
		r.Header.Del("Range")
		plain.ServeHTTP(packed, r)
	})
}

// gzipped packs what is written, but only for a 200.
type gzipped struct {
	http.ResponseWriter
	pack *gzip.Writer
	on   bool
}

func (g *gzipped) WriteHeader(status int) {
	if g.on = status == http.StatusOK; g.on {
		g.Header().Del("Content-Length")
		g.Header().Set("Content-Encoding", "gzip")
	}
	g.ResponseWriter.WriteHeader(status)
}

func (g *gzipped) Write(b []byte) (int, error) {
	var to io.Writer = g.ResponseWriter
	if g.on {
		to = g.pack
	}
	return to.Write(b)
}

func (g *gzipped) close() {
	if g.on {
		_ = g.pack.Close() // the reader is gone: nobody to tell
	}
}
