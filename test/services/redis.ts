import type { Start } from './start.js'

/** Arguments on top of the usual ones. @param folder of its data */
export type RedisSettings = (folder: string) => Promise<readonly string[]>

/** Writes every command to its folder, so that a server that is killed and started again has lost nothing. */
export function redisFromBinary(binary: string, folder: string, port: number, more: readonly string[] = []): Start {
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '']
  return { command: { run: binary, with: [...settings, '--appendonly', 'yes', '--appendfsync', 'no', ...more] } }
}
