#!/usr/bin/env bash
# Compiles every LaTeX table this project writes, and one with hostile names, with pdflatex, and fails on any
# error, undefined character or overfull line. Needs pdflatex with booktabs and siunitx (Debian:
# texlive-latex-recommended, texlive-science, lmodern) and a build. Not part of npm test.
#   test/reporting/latex/check.sh [OUTPUT_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../../.."
out="${1:-$(mktemp -d)}"
mkdir -p "$out"
cp reports/*.tex "$out/"
node test/reporting/latex/hostile.js "$out/hostile.tex"
{
	echo '\documentclass[a4paper,landscape]{article}'
	echo '\usepackage[margin=1cm]{geometry}'
	echo '\usepackage{lmodern}'
	sed -n 's/^%   //p' "$out/latency.tex"
	echo '\begin{document}'
	for table in "$out"/*.tex; do
		name="$(basename "$table")"
		[ "$name" = check.tex ] || echo "\\input{$name}\\clearpage"
	done
	echo '\end{document}'
} >"$out/check.tex"
cd "$out"
pdflatex -interaction=nonstopmode -halt-on-error check.tex >pdflatex.out
if grep -E 'Overfull|Undefined|Missing character|Warning: (Reference|Citation)' check.log; then
	echo "pdflatex complained; see $out/check.log" >&2
	exit 1
fi
echo "$out/check.pdf"
