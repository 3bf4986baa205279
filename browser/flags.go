package browser

import (
	"os"
	"os/user"
	"strconv"

	"github.com/jingban/jingban/children"
)

// flags are Chromium's. Three groups matter: the pipe, the gate as the only way
// out, and silence of everything Chromium does on its own.
func (b *Browser) flags() []string {
	flags := []string{
		"--disable-gpu", "--remote-debugging-pipe", "--user-data-dir=" + b.config.Profile,
		"--window-size=1366,900", "--lang=zh-CN", "--no-first-run", "--no-default-browser-check",

		"--proxy-server=" + b.closed.address(), "--proxy-bypass-list=<-loopback>",
		"--ignore-certificate-errors-spki-list=" + b.key.spki,
		"--disable-quic", "--dns-prefetch-disable", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
		// An http address is meant as written; no silent second request by https.
		"--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,Translate,OptimizationHints,MediaRouter,BackForwardCache,Prerender2,IsolateOrigins,site-per-process,IsolateSandboxedIframes,SiteIsolationForCrossOriginOpenerPolicy,OriginIsolationHeader",

		// All frames of a tab live in one process, so that one session reaches them
		// and the mouse has one set of coordinates. What keeps hosts apart is the gate.
		"--disable-site-isolation-trials",

		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
		"--disable-extensions", "--disable-domain-reliability", "--disable-breakpad", "--metrics-recording-only",
		"--disable-client-side-phishing-detection", "--no-pings", "--password-store=basic",

		// A tab nobody looks at must not slow its timers.
		"--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
		"--disable-dev-shm-usage",
	}
	if b.config.NoSandbox {
		flags = append(flags, "--no-sandbox")
	}
	if !b.config.Headed {
		flags = append(flags, "--headless")
	}
	return append(flags, "about:blank")
}

// environment keeps Chromium's home inside the profile.
func environment(profile string) []string {
	return []string{
		"HOME=" + profile, "XDG_CONFIG_HOME=" + profile, "XDG_CACHE_HOME=" + profile, "TMPDIR=" + profile,
		"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", // installed everywhere; file names need UTF-8
		"TZ=" + os.Getenv("TZ"),
		"DBUS_SESSION_BUS_ADDRESS=/dev/null",                                       // no desktop bus to look for
		"DISPLAY=" + os.Getenv("DISPLAY"), "XAUTHORITY=" + os.Getenv("XAUTHORITY"), // for a window, see Config.Headed
	}
}

// Unprivileged gives the user as whom Chromium should run when this process is
// root: nobody. It is nil when this process is not root (no change is needed)
// and ok is false when there is no such user: then only NoSandbox is left, to be
// warned of loudly.
func Unprivileged() (u *children.User, ok bool) {
	if os.Geteuid() != 0 {
		return nil, true
	}
	found, err := user.Lookup("nobody")
	if err != nil {
		return nil, false
	}
	uid, err1 := strconv.ParseUint(found.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(found.Gid, 10, 32)
	if err1 != nil || err2 != nil {
		return nil, false
	}
	return &children.User{UID: uint32(uid), GID: uint32(gid)}, true
}
