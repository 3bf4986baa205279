package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"log/slog"
	"time"
)

// chromium starts the browser the way a worker does.
func chromium(ctx context.Context, cfg *Config) symptom {
	s := symptom{part: "chromium", advice: advice{"执行 apt-get install chromium chromium-sandbox，或用 --chromium 指定", "apt-get install chromium chromium-sandbox, or name it with --chromium"}}
	b := newBrowsing(cfg, nil, slog.New(slog.DiscardHandler), time.Now)
	defer b.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, err := b.alive(ctx)
	if err != nil {
		s.err = err
		return s
	}
	version, err := c.Version(ctx)
	s.detail, s.err = version, err
	if config, configErr := b.config(); configErr == nil && config.NoSandbox {
		s.warn, s.advice = true, advice{"浏览器未启用沙箱：请以普通用户启动经办，或安装 chromium-sandbox", "it runs without its sandbox: start jingban as an ordinary user, or install chromium-sandbox"}
	}
	return s
}

// chineseSentence renders two sentences of equal length and sees that they
// differ: two rows of boxes would not.
func chineseSentence(ctx context.Context, cfg *Config) symptom {
	s := symptom{part: "rendering", detail: "Chinese sentences render as characters", advice: advice{"执行 apt-get install fonts-noto-cjk", "apt-get install fonts-noto-cjk"}}
	b := newBrowsing(cfg, nil, slog.New(slog.DiscardHandler), time.Now)
	defer b.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, err := b.alive(ctx)
	if err != nil {
		s.err = err
		return s
	}
	var pictures [][]byte
	for _, text := range []string{"失业保险金申领", "参保信息已合并"} {
		html := fmt.Sprintf(`<!doctype html><meta charset="utf-8"><p style="font:40px sans-serif">%s`, text)
		picture, err := c.Screenshot(ctx, []byte(html))
		if err != nil {
			s.err = err
			return s
		}
		if _, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil {
			s.err = fmt.Errorf("screenshot: %w", err)
			return s
		}
		pictures = append(pictures, picture)
	}
	if bytes.Equal(pictures[0], pictures[1]) {
		s.err = fmt.Errorf("Chinese characters come out as boxes")
	}
	return s
}
