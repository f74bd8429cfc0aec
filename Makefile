.DEFAULT_GOAL := help
.PHONY: help run test test-swift test-page test-system test-browser lint lint-page format doctor deb image photos bench clean

help: ## Show what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

run: ## Install what is missing, build, and serve on http://127.0.0.1:8080
	@scripts/require run
	@scripts/build
	exec .build/release/revela serve

test: ## Install what the tests need and run all of them
	@scripts/require test
	@scripts/test

test-swift: ## Only the Swift tests
	swift build --build-tests --explicit-target-dependency-import-check error
	swift test --skip-build

test-page: ## Only the page's module tests
	node --test Tests/Frontend/*.test.js

test-system: ## Only the tests of both programs together
	swift build
	scripts/python -m pytest Tests/System

test-browser: ## Only the tests in a real browser
	swift build
	scripts/python -m pytest Tests/Browser

lint: lint-page ## Check format and types of the code
	swift format lint --strict --recursive Package.swift Sources Tests

lint-page: ## Only the page's: format and rules (biome.json), types (tsconfig.json)
	@scripts/python --install
	.build-python/bin/biome check --error-on-warnings
	tsc --project tsconfig.json

format: ## Put the code into its format
	@scripts/python --install
	.build-python/bin/biome check --write
	swift format --in-place --recursive Package.swift Sources Tests

doctor: ## Check libraries, formats, sandbox and disk
	@scripts/build
	.build/release/revela doctor

deb: ## Make a Debian package of what is needed to run, without a compiler
	@scripts/require deb
	@scripts/deb

image: deb ## Make an OCI image of that package, without a daemon
	@scripts/require image
	@scripts/image

bench: ## Measure against nginx, nchan, tuspyserver and pyvips; takes about half an hour
	@scripts/require bench
	@scripts/bench

photos: ## Make the photographs that tests and benchmarks use
	@scripts/photos

clean: ## Remove everything that was built
	rm -rf .build .build-*
