import pc from 'picocolors'

/** Colours only where a person looks: not in pipes, and not where NO_COLOR asks for none. */
export const colours = pc.createColors(Boolean(process.stdout.isTTY) && !process.env['NO_COLOR'])
