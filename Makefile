# Beforehand: make, and any Python from 3.9 on. Everything else is installed into this folder, pinned.
#   make run          the whole stack on this machine, a demo call, its transcript; Ctrl-C ends it
#   make run ONCE=1   the same, ending after the demo call: exit code 0 if nothing was lost
#   make test         every check and every test
#   make storms       20,000 calls in bad weather, 2,000 whose requests fail, and the order of 100,000
#                     conversations, in virtual time, and the captions of 1,000 transcripts; some
#                     minutes. N=100 plays fewer
#   make drills       each part out for 20 and 60 s while people talk, as a table; takes some minutes
#   make drills ALL=1 each part and each pair of parts, out for 5 to 600 s; takes hours
#   make templates    what the Bicep compiler makes of infra/, written anew after a change there
#   make bench        what the app costs beside the bare work, as a table; takes some minutes
.POSIX:

PYTHON = .venv/bin/python
ONCE =
ALL =
N = 20000

help:
	@sed -n 's/^#  //p' Makefile

setup:
	@sh scripts/setup.sh

run: setup
	@exec $(PYTHON) -m emulator up --demo $(ONCE:1=--once)

test: setup
	@sh scripts/check.sh lint types pure rest

storms: setup
	@$(PYTHON) -m tests.calls.storms $(N)
	@$(PYTHON) -m tests.outages.seeded $$(( $(N) / 10 ))
	@$(PYTHON) -m tests.stream.spoken_order $$(( 5 * $(N) ))
	@exec $(PYTHON) -m tests.transcripts.caption_files $$(( $(N) / 20 ))

drills: setup
	@exec $(PYTHON) -m drills $(ALL:1=--all)

bench: setup
	@exec $(PYTHON) -m bench

lint: setup
	@sh scripts/check.sh lint

types: setup
	@sh scripts/check.sh types

templates: setup
	@sh scripts/compile-templates.sh

lock: setup
	@sh scripts/lock.sh

clean:
	rm -rf .venv .tools .stack .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	  .import_linter_cache emulator/node_modules tests/emulator/clients/node_modules

.PHONY: help setup run test storms drills bench lint types templates lock clean
