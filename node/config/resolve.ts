import { BlockList, isIPv6 } from 'node:net'
import { join, resolve } from 'node:path'
import type { LoggerOptions } from '../base/log-create.ts'
import { parseBindAddress, parseSqliteUrl } from './fields.ts'
import type { Config } from './schema.ts'

/** What several keys decide together; the only place that knows which of them wins. */

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

export interface ListenAddress {
  host: string
  port: number
}

export function apiAddress(config: Pick<Config, 'bind_addr' | 'host' | 'port'>): ListenAddress {
  const bound = config.bind_addr === undefined ? undefined : parseBindAddress(config.bind_addr)
  return bound ?? { host: config.host, port: config.port }
}

/** The separate metrics listener, if there is one. */
export function metricsAddress(config: Pick<Config, 'metrics'>): ListenAddress | undefined {
  const { enabled, bind_addr } = config.metrics
  return enabled && bind_addr !== undefined ? parseBindAddress(bind_addr) : undefined
}

export function isLoopback(host: string): boolean {
  return loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
}

export function registrationMode(
  config: Pick<Config, 'registration' | 'bind_addr' | 'host' | 'port'>,
): 'open' | 'invite' | 'closed' {
  if (config.registration !== 'auto') return config.registration
  return isLoopback(apiAddress(config).host) ? 'open' : 'invite'
}

/** Absolute path of the SQLite file. */
export function databasePath(config: Pick<Config, 'data_dir' | 'database_url'>): string {
  const path = config.database_url === undefined ? undefined : parseSqliteUrl(config.database_url)
  return path === undefined ? join(config.data_dir, 'openguild.db') : resolve(path)
}

export function loggerOptions(
  config: Pick<Config, 'log_format' | 'log_level' | 'log_file' | 'data_dir'>,
): LoggerOptions {
  const { enabled, max_size_bytes: maxSizeBytes, keep_files: keepFiles } = config.log_file
  const path = join(config.data_dir, 'logs', 'openguild.log')
  return {
    format: config.log_format,
    level: config.log_level,
    ...(enabled && { file: { path, maxSizeBytes, keepFiles } }),
  }
}

/** Multiaddrs for libp2p; peers are expected on other computers, so the default is every interface unless `p2p.lan` is off. */
export function p2pListenAddresses(config: Pick<Config, 'p2p'>): readonly string[] {
  const { listen, lan, port } = config.p2p
  if (listen.length > 0) return listen
  return [`/ip4/${lan ? '0.0.0.0' : '127.0.0.1'}/tcp/${port}`]
}

export function usesMdns(config: Pick<Config, 'p2p'>): boolean {
  return config.p2p.enabled && config.p2p.lan && config.p2p.mdns
}
