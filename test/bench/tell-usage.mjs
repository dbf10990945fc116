/** Loaded into a process before its program: answers each message of its parent with what it uses. `collected`: after a collection. */
process.on('message', message => {
  if (message === 'collected') globalThis.gc()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send({
    cpu: (user + system) / 1e6,
    residentMb: rss / 1e6,
    mostResidentMb: process.resourceUsage().maxRSS / 1024,
    inUseMb: (heapUsed + external) / 1e6,
  })
})
// The parent alone must not keep it alive; and once it is gone, nobody is left to end it.
process.channel?.unref()
process.on('disconnect', () => process.exit())
