# The commands of the project. Each target is one line here and one script in scripts/.
.DEFAULT_GOAL := help
.PHONY: help run test watch bench compare chaos lint seed fuzz clean

help:
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | awk -F '\t' '{ printf "  make %-8s %s\n", $$1, $$2 }'

run: ## install, build, and open the shop at http://127.0.0.1:3000; PROVIDER=meta-emulator beside the emulator of a provider
	@scripts/run

test: ## everything: format, lints, tests on both databases, journeys in a browser
	@scripts/test

watch: ## build and restart at every change; open pages load anew
	@scripts/watch

bench: ## how fast the codes, the pages and the start are; SUITE=list names the parts
	@scripts/bench

compare: ## the benchmarks of an older commit and of today in turns; COMMIT=…, SUITE=…
	@scripts/compare $(COMMIT) $(SUITE)

chaos: ## 10,000 codes through a failing provider, the sending process killed again and again
	@scripts/chaos

lint: ## what can be said about the sources without running them
	@scripts/lint

seed: ## fill the database with the demo catalogue and accounts
	@scripts/seed

fuzz: ## fuzz what parses the providers' callbacks; FUZZ_SECONDS each, 30 by default
	@scripts/fuzz

clean: ## remove what was built; data/ stays
	@rm -rf target fuzz/target node_modules end2end/test-results end2end/playwright-report
