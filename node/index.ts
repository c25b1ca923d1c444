/** The door of the node: what the desktop shell, the command line and tests use. Nothing behind it is theirs to import. */
export { createNode, type NodeOptions, type OpenGuildNode } from './node.ts'
export { systemPlatform, type Platform } from './compose/platform.ts'
export type { NodeStatus } from './services/status.ts'
