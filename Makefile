# The commands of the project. Each target runs one script in scripts/.
.DEFAULT_GOAL := help
.PHONY: help run test watch bench compare chaos lint seed fuzz clean

help:
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | awk -F '\t' '{ printf "  make %-8s %s\n", $$1, $$2 }'

run: ## install what is missing, build, and start the shop at http://127.0.0.1:3000; PROVIDER=meta-emulator adds an emulator of the provider, GATEWAY=stripe-emulator one of Stripe
	@scripts/run

test: ## run all checks: format, lints, tests on both databases, journeys in a browser
	@scripts/test

watch: ## rebuild and restart at every change, and reload the open pages
	@scripts/watch

bench: ## measure the speed of codes, pages and start; SUITE=list prints the suites
	@scripts/bench

compare: ## run the benchmarks of an older commit and of this one in turns; COMMIT=…, SUITE=…
	@scripts/compare $(COMMIT) $(SUITE)

chaos: ## run minutes of attack, load, restarts and failures; SCENARIO=list prints the scenarios
	@scripts/chaos

lint: ## check the sources: format, lints, types, spelling, licences, documentation
	@scripts/lint

seed: ## fill the database with the demo catalogue and accounts
	@scripts/seed

fuzz: ## fuzz the parsers of the providers' webhooks, FUZZ_SECONDS each (default 30)
	@scripts/fuzz

clean: ## remove everything that was built, but not data/
	@rm -rf target fuzz/target node_modules end2end/test-results end2end/playwright-report
