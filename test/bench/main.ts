import { fork } from 'node:child_process'
import { type Piece, write } from './figures.js'

const child = fork(new URL('./piece.ts', import.meta.url), process.argv.slice(2), {
  execArgv: ['--max-semi-space-size=64', '--import', 'tsx'],
})
child.on('message', p => console.log(write(p as Piece)))
