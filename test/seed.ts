import fc from 'fast-check'

// On a developer's machine every run looks at new cases. What is to land is judged by the same cases each time.
if (process.env['CI']) fc.configureGlobal({ seed: 20261121 })
