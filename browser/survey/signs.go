package survey

import "regexp"

// Level is how much a sign weighs.
type Level string

// The levels, the gravest first.
const (
	Blocks   Level = "blocks"   // Chromium cannot do it at all: the pages with it are done by hand
	Attended Level = "attended" // a person has to be there at the sign-in
	Needs    Level = "needs"    // it can be driven once something is set up
	Minds    Level = "minds"    // good to know when a playbook is written
)

// where a sign is looked for.
type where int

const (
	inCode   where = iota // scripts, event attributes, javascript: addresses
	inWords               // what people read: text, labels, button values
	inMarkup              // found by its element, see markup.go
)

// sign is one thing to look for. A new one is a line in signs.
type sign struct {
	code    string
	level   Level
	in      where
	pattern *regexp.Regexp // nil for inMarkup; its group is shown, and nothing of what else the page says
	zh, en  [2]string      // what it is, what it needs
}

func code(name string, level Level, pattern string, zh, en [2]string) sign {
	return sign{name, level, inCode, regexp.MustCompile(pattern), zh, en}
}

func words(name string, level Level, pattern string, zh, en [2]string) sign {
	return sign{name, level, inWords, regexp.MustCompile(pattern), zh, en}
}

func markup(name string, level Level, zh, en [2]string) sign {
	return sign{name, level, inMarkup, nil, zh, en}
}

// signs is everything a survey knows to look for.
func signs() []sign {
	return append(append(blocking(), attended()...), append(needing(), minded()...)...)
}

func blocking() []sign {
	return []sign{
		markup("activex", Blocks, [2]string{"ActiveX 控件", "Chromium 装不了 ActiveX；含该控件的页面改为人工（by_hand）办理，或请厂家提供不用控件的入口"},
			[2]string{"ActiveX control", "Chromium runs none: the pages with it are done by hand, or the maker gives another way in"}),
		code("activex_local", Blocks, `(?i)(?:new\s+ActiveXObject|CreateObject)\s*\(\s*["']((?:Excel|Word|Scripting|WScript|Shell|ADODB|Outlook)\.[\w.]+)`,
			[2]string{"脚本操作本机程序", "依赖 Excel、文件系统等本机对象，该功能改为人工办理或改用导出"},
			[2]string{"a script that works programs of the computer", "it wants Excel or the disk of the machine: by hand, or by an export instead"}),
		code("vbscript", Blocks, `(?i)\bvbscript:|\bOn Error Resume Next\b|\bEnd Sub\b`,
			[2]string{"VBScript", "Chromium 不执行 VBScript；这些按钮和校验不会动作，改为人工办理"},
			[2]string{"VBScript", "Chromium runs none: these buttons and checks do nothing; by hand"}),
		markup("vbscript", Blocks, [2]string{"VBScript", "Chromium 不执行 VBScript；这些按钮和校验不会动作，改为人工办理"},
			[2]string{"VBScript", "Chromium runs none: these buttons and checks do nothing; by hand"}),
		markup("applet", Blocks, [2]string{"Java 小程序", "浏览器早已不支持 Java 小程序；该页面改为人工办理"}, [2]string{"Java applet", "no browser of today runs applets: by hand"}),
		markup("plugin", Blocks, [2]string{"插件内容（Flash、Silverlight 等）", "浏览器已不支持；该部分改为人工办理"}, [2]string{"plug-in content (Flash, Silverlight…)", "no browser of today shows it: by hand"}),
		words("password_control", Blocks, `(?:密码控件|安全控件|请(?:先)?(?:下载)?安装[^。]{0,8}控件)`,
			[2]string{"要求安装控件", "登录或录入依赖本机控件；请厂家开放普通登录，否则人工办理"}, [2]string{"wants a control installed", "signing in depends on a control of the computer: ask the maker for a plain sign-in, or by hand"}),
		code("htc", Blocks, `(?i)\bbehavior\s*:\s*url\s*\(`,
			[2]string{"IE 行为组件（HTC）", "仅 IE 支持；靠它画的控件在 Chromium 中不会出现"}, [2]string{"IE behaviours (HTC)", "IE only: controls made by it do not appear in Chromium"}),
		markup("ntlm", Blocks, [2]string{"Windows 域登录（NTLM/Kerberos）", "需要域账号环境，暂不支持"}, [2]string{"Windows sign-in (NTLM, Kerberos)", "it wants an account of the domain; not supported"}),
	}
}

func attended() []sign {
	return []sign{
		markup("captcha", Attended, [2]string{"图形验证码", "每天早上由人登录一次，之后保持会话；验证码不会自动识别"},
			[2]string{"CAPTCHA", "a person signs in once in the morning, the session is kept; it is never broken"}),
		words("captcha", Attended, `(图形验证码|输入验证码|看不清|换一张|滑块验证|拖动滑块)`, [2]string{"图形验证码", "每天早上由人登录一次，之后保持会话；验证码不会自动识别"},
			[2]string{"CAPTCHA", "a person signs in once in the morning, the session is kept; it is never broken"}),
		words("sms_code", Attended, `(短信验证码|动态口令|手机验证码|获取验证码)`, [2]string{"短信或动态口令", "由人登录，口令不记录"}, [2]string{"code by message or token", "a person signs in; the code is never recorded"}),
		words("qr_code", Attended, `(扫码登录|二维码登录|扫一扫登录)`, [2]string{"扫码登录", "由人扫码登录"}, [2]string{"sign-in by QR code", "a person scans it"}),
		words("ukey", Attended, `(?i)(U-?Key|USB\s?Key|证书登录|CA\s?登录|数字证书|请插入(?:证书|介质))`,
			[2]string{"UKey 或数字证书", "UKey 插在执行机上，由人输入 PIN 登录；签名中间件需有 Linux 版本"}, [2]string{"UKey or certificate", "it stays plugged in at the machine, a person types the PIN; its middleware has to run on Linux"}),
		code("ukey", Attended, `(?i)\b(XTXAppCOM|SafeEngine|NetcaPki|GDCACom|BJCASecCOM|CFCAKit|SOF_\w+|JITClient|npkoala|SecuInter)\b`,
			[2]string{"UKey 或数字证书", "UKey 插在执行机上，由人输入 PIN 登录；签名中间件需有 Linux 版本"}, [2]string{"UKey or certificate", "it stays plugged in at the machine, a person types the PIN; its middleware has to run on Linux"}),
		code("middleware", Attended, `(?i)["'](?:wss?|https?)://(?:127\.0\.0\.1|localhost)(:\d+)`,
			[2]string{"页面调用本机中间件", "本机须运行该中间件（签名、读卡、打印），并在闸口放行其端口"}, [2]string{"the page calls a program of the computer", "the middleware (signing, card reader, printing) has to run there and be let through the gate"}),
		markup("client_certificate", Attended, [2]string{"服务器要求客户端证书", "需配置证书或由人插 UKey 登录"}, [2]string{"the server asks for a client certificate", "configure one, or a person signs in with the UKey"}),
	}
}

func needing() []sign {
	return []sign{
		markup("ie_mode", Needs, [2]string{"IE 文档模式", "页面按旧版 IE 编写；先在 Chromium 中逐页试走，布局和脚本可能不同"},
			[2]string{"IE document mode", "written for an old IE: walk each page in Chromium first, layout and scripts may differ"}),
		words("ie_only", Needs, `(?i)(?:请使用|仅支持|推荐使用)\s?((?:IE|Internet Explorer)\s?[\d.]*)`, [2]string{"页面声明只支持 IE", "逐页试走；若服务器按浏览器标识拒绝，为该系统设置标识"},
			[2]string{"the page says IE only", "walk each page; set the browser's name for this system if the server insists"}),
		code("modal_dialog", Needs, `(?i)\b(showModalDialog|showModelessDialog)\b`, [2]string{"showModalDialog 弹窗", "Chromium 已无此函数；需为该系统启用替代（shim），返回值要逐个验证"},
			[2]string{"showModalDialog", "gone from Chromium: switch its stand-in on for this system and prove each return value"}),
		code("activex_xhr", Needs, `(?i)new\s+ActiveXObject\s*\(\s*["']((?:Microsoft|MSXML2?)\.[\w.]+)`, [2]string{"用 ActiveX 发请求（XMLHTTP）", "可替代：启用该系统的替代（shim）"},
			[2]string{"requests by ActiveX (XMLHTTP)", "has a stand-in: switch it on for this system"}),
		code("attach_event", Needs, `(?i)\b(attachEvent|document\.all\b|createPopup|document\.selection|window\.event\b|execScript)`, [2]string{"IE 专有脚本写法", "启用该系统的替代（shim），并试走用到的页面"},
			[2]string{"script of old IE", "switch the stand-ins on for this system and walk the pages"}),
		markup("old_tls", Needs, [2]string{"过时的加密协议", "闸口默认只用 TLS 1.2 以上；须为该主机单独放行并留下批准依据"}, [2]string{"outdated TLS", "the gate wants TLS 1.2 at least: an exception for this host, with its approval on file"}),
		markup("certificate", Needs, [2]string{"证书不受信任", "把该系统的证书或签发机构配置进闸口"}, [2]string{"certificate not trusted", "configure it, or who issued it, for the gate"}),
		markup("basic_auth", Needs, [2]string{"浏览器弹出的账号框（Basic）", "账号配置在保险箱中，由闸口代答"}, [2]string{"the browser's own sign-in box (Basic)", "the account comes from the vault"}),
		markup("elsewhere", Needs, [2]string{"跳转到其他主机（统一登录等）", "把这些主机加入该系统允许的名单"}, [2]string{"leads to other hosts (single sign-on…)", "add them to the hosts this system may reach"}),
		code("locks", Needs, `(?i)\b((?:un)?lock(?:Record|Row|Person|Case|Data|Biz)\w*|isLocked|lockFlag|openLock|releaseLock)\b`, [2]string{"打开页面即锁定记录", "在系统文件里写 locks_on_open 和退出办法，试运行才会避开"},
			[2]string{"pages that lock a record when opened", "say so in the system file (locks_on_open) with the way out, so that a dry run keeps off"}),
		words("locks", Needs, `(?:(?:正在?|已)被[^。]{0,12}(?:锁定|办理|占用)|记录已锁定|业务锁定|解除锁定)`, [2]string{"打开页面即锁定记录", "在系统文件里写 locks_on_open 和退出办法，试运行才会避开"},
			[2]string{"pages that lock a record when opened", "say so in the system file (locks_on_open) with the way out, so that a dry run keeps off"}),
		markup("pictures", Needs, [2]string{"图片按钮或画布", "没有文字的按钮靠截图识别定位，不能用于提交；请确认可改用快捷键或菜单"}, [2]string{"image buttons or canvas", "found by reading the picture, which never commits by itself: look for a key or a menu"}),
		markup("by_script", Needs, [2]string{"页面由脚本生成", "本次只读源码，看不到内容；请在浏览器里试走确认"}, [2]string{"pages made by script", "only their source was read: walk them in a browser"}),
	}
}

func minded() []sign {
	return []sign{
		markup("frames", Minds, [2]string{"框架页面", "支持嵌套框架；定位按框架逐个进行"}, [2]string{"frames", "nested frames are searched one by one"}),
		markup("encoding", Minds, [2]string{"非 UTF-8 编码", "提交前逐个核对能否用该编码往返；生僻字会转给人"}, [2]string{"an encoding that is not UTF-8", "each value is proven to survive it before a commit; rare characters go to a person"}),
		markup("encoding_clash", Minds, [2]string{"编码声明互相矛盾", "响应头与页面声明不同；以响应头为准，录入后要回读"}, [2]string{"two encodings are declared", "header and page differ: the header holds, read values back"}),
		code("popup", Minds, `(?i)\b(window\.open|window\.opener|opener\.document)\b`, [2]string{"弹出窗口", "写流程时注意弹窗的关闭和回填"}, [2]string{"pop-up windows", "mind how they close and write back"}),
		code("print", Minds, `(?i)\b(window\.print|LODOP|ScriptX|factory\.printing)\b`, [2]string{"打印", "打印另存为 PDF 证据，不阻塞"}, [2]string{"printing", "kept as PDF, blocks nothing"}),
		code("leaving", Minds, `(?i)\bon(?:before)?unload\b`, [2]string{"离开页面时有动作", "离开可能解锁或丢弃草稿；确认退出办法"}, [2]string{"something happens on leaving a page", "it may unlock or drop a draft: find out the way out"}),
		markup("sign_in", Minds, [2]string{"登录页面", "登录后的页面本次没有看到；请用只读账号在浏览器里再看"}, [2]string{"a sign-in page", "what lies behind it was not seen: look again with a read-only account"}),
		markup("http", Minds, [2]string{"未加密的 http", "账号口令明文传输；只在专网内使用"}, [2]string{"plain http", "secrets travel in clear: inside a closed network only"}),
	}
}
