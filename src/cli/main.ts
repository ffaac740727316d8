#!/usr/bin/env node
// All the rest is one step away: the build makes it one program of few files (scripts/program.config.ts).
const { runProgram } = await import('./program.ts');
process.exitCode = await runProgram(process.argv.slice(2));

export {};
