# Jingban. `make` alone prints this help.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export CGO_ENABLED := 1
GO_FILES := $(shell find . -name '*.go' -not -path './.cache/*' 2>/dev/null)

.PHONY: help setup build demo dev legacy check lint test proof picture

help: ## Print this help
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

setup: ## Install what is missing (apt packages, OCR models); idempotent
	@scripts/setup.sh
	@git config core.hooksPath .githooks 2>/dev/null || true

build: bin/jingban bin/jingban-ocr ## Build both programs into bin/

bin/jingban: $(GO_FILES) go.mod $(shell find casework materials playbooks papers store web -type f -not -name '*.go' 2>/dev/null)
	CGO_ENABLED=0 go build -o $@ ./cmd/jingban

bin/jingban-ocr: $(GO_FILES) go.mod
	go build -o $@ ./cmd/jingban-ocr

demo: setup ## 12 claims end to end, then the pages on 127.0.0.1:8080 (ONCE=1: exit when done)
	@$(MAKE) --no-print-directory build
	bin/jingban demo $(if $(ONCE),--once)

dev: setup ## The demo with every log line
	@$(MAKE) --no-print-directory build
	bin/jingban --log debug demo

legacy: build ## The fake legacy systems on 127.0.0.1, to look at (FLAGS="--renamed --slow 3s")
	@bin/jingban legacy --port 8091 $(FLAGS)

check: ## Format, vet, short tests with the race detector
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go test -short -race ./casework/... ./persons/... ./materials/... ./playbooks/... ./workers/... ./docs/...

lint: ## golangci-lint with .golangci.yml (installs it once; takes minutes)
	@test -x .cache/bin/golangci-lint || GOBIN=$(CURDIR)/.cache/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@latest
	.cache/bin/golangci-lint run ./...

test: setup ## Every test, with real Redis, SQLite, PostgreSQL, Chromium, PP-OCR and Tesseract
	@$(MAKE) --no-print-directory build
	go vet ./...
	go test -timeout 20m ./...

proof: setup build ## The measurements under docs/proofs, in full
	scripts/proof.sh

picture: setup build ## The README's picture of the inbox, a real screenshot
	bin/jingban demo --once --picture docs/inbox.png
