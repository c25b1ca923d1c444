import './version-guard.mjs'
