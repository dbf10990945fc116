import type { Start } from './start.js'

/** Writes every command to its folder, so that a server that is killed and started again has lost nothing. */
export function redisFromBinary(binary: string, folder: string, port: number): Start {
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '']
  return { command: { run: binary, with: [...settings, '--appendonly', 'yes', '--appendfsync', 'no'] } }
}
