package storetest

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// become makes the command run as account in a folder given to it, in a process
// group of its own, so that an interrupt of the test does not outrun the guard.
func become(command *exec.Cmd, account *user.User, folder string) error {
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return err
	}
	command.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
		Setpgid:    true,
	}
	return os.Chown(folder, int(uid), int(gid))
}
