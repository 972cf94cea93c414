/** Run by the keychain test inside a D-Bus session of its own: does the steps it is given and prints what came out. */
import { systemClock } from '../../kernel/clock.ts'
import { isHostError } from '../../kernel/errors.ts'
import { createFileLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { openVault } from '../vault/open-vault.ts'

const { dataDir, log, steps } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  log: string
  steps: string[][]
}
const redactor = createRedactor()
const vault = await openVault({
  dataDir,
  service: 'Drawbridge test',
  env: process.env,
  log: createFileLog(log, redactor),
  redactor,
  clock: systemClock,
})

const run = async ([step, name = '', value = '']: string[]): Promise<unknown> => {
  switch (step) {
    case 'status':
      return vault.status
    case 'set':
      return (await vault.set(name, value)) ?? 'done'
    case 'get':
      return vault.get(name)
    case 'all':
      return Object.fromEntries(await vault.all())
    case 'delete':
      return (await vault.delete(name)) ?? 'done'
    case 'redact':
      return redactor.text(name)
    case 'shell': {
      const { execFileSync } = await import('node:child_process')
      return execFileSync('bash', ['-c', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    }
    default:
      throw new Error(`unknown step ${step}`)
  }
}

const out: unknown[] = []
for (const step of steps) {
  const started = performance.now()
  try {
    out.push(await run(step))
  } catch (error) {
    out.push({ error: isHostError(error) ? error.code : String(error), ms: performance.now() - started })
  }
}
process.stdout.write(`RESULT ${JSON.stringify(out)}\n`, () => process.exit())
