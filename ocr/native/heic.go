package native

// HEIC photos of current phones. The module carries libheif and libde265
// (LGPL 3) as WebAssembly; see NOTICE.md. Without this line HEIC is refused and
// all else works.
import _ "github.com/gen2brain/heic"
