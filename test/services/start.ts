import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import type { Command } from './guarded.js'

/** How one service is started on one port, with one folder for what it writes. */
export interface Start {
  /** Run to its end before the first start. */
  readonly prepare?: Command
  readonly command: Command
  /** Of a Java program: the file with the classes that it loads, for the next to map; it starts in half the time. */
  readonly classData?: string
}

/** As it is started every time. Where the file is missing, or another Java has made it, Java loads its classes itself. */
export function withClassData({ command, classData }: Start): Command {
  return classData === undefined
    ? command
    : { ...command, with: [`-XX:SharedArchiveFile=${classData}`, ...command.with] }
}

/**
 * Writes the class data where there is none: by a first start, which is asked to end when it answers. Whole or not at all, as two runs may begin together.
 * @param upAndDown starts the command, and ends it when it answers
 */
export async function makeClassData({ command, classData }: Start, upAndDown: (dumping: Command) => Promise<void>) {
  if (classData === undefined || existsSync(classData)) return
  const unfinished = `${classData}-${process.pid}-${Date.now()}`
  await upAndDown({ ...command, with: [`-XX:ArchiveClassesAtExit=${unfinished}`, ...command.with] })
  if (existsSync(unfinished)) await rename(unfinished, classData)
}
