// Package children says how a child process lives: it is started in a process
// group of its own under a small guard, within limits, and ends with its group.
//
// # Vocabulary
//
//	guard     a tiny shell that leads the group and reads a pipe held open only
//	          by this process. When the pipe closes, also because this process
//	          got kill -9, the guard kills the whole group, itself included.
//	group     the child and everything it starts, unless a descendant leaves by
//	          setsid.
//	pid file  who is alive and for whom, so that [Sweep] recognises leftovers
//	          by pid, start time and command after everything else went wrong.
//
// The child joins the guard's group before its program begins, and its copy of
// the pipe closes only when the program begins; so at no moment is it alive
// outside a guarded group. The guard uses no file descriptor of the child:
// Stdin and ExtraFiles (from descriptor 3) arrive untouched.
//
// Linux only: process start times, limits and pid descriptors come from there.
package children
