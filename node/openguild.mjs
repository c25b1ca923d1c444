#!/usr/bin/env node
import './base/version-guard.mjs'

// Only now: a Node that is too old could not even read a TypeScript file, and would say so instead of what to do.
await import('./cli.ts')
