import { once } from 'node:events'
import { expect, it } from 'vitest'
import { startGroup } from './process-group.ts'
import { figuresFromPs, takenBy } from './process-use.ts'

it.runIf(process.platform === 'linux' || process.platform === 'darwin')(
  'adds up a whole group and whatever left it: memory, processor, and nothing once it is gone',
  async () => {
    const busy =
      'const kept = Buffer.alloc(120_000_000, 1); for (const end = Date.now() + 30_000; Date.now() < end;); kept'
    // A child in the group, and one that leads a group of its own.
    const script = `const { spawn } = require('node:child_process')
      spawn(process.execPath, ['-e', ${JSON.stringify(busy)}], { stdio: 'ignore' })
      spawn(process.execPath, ['-e', 'setTimeout(() => {}, 30_000)'], { stdio: 'ignore', detached: true })
        .on('spawn', () => console.log('ready'))
      process.on('SIGTERM', () => process.exit())`
    const patience = { afterEnd: 10, afterTerm: 2_000 }
    const group = startGroup(process.execPath, ['-e', script], {
      ...{ env: { PATH: process.env.PATH! }, cwd: '/', patience },
    })
    await once(group.child.stdout!, 'data')
    try {
      await expect
        .poll(async () => (await takenBy([[group.child.pid!], []]))!, { timeout: 20_000 })
        .toEqual([
          { programs: 3, memory: expect.any(Number), cpu: expect.any(Number) },
          { programs: 0, memory: 0, cpu: 0 },
        ])
      const [use] = (await takenBy([[group.child.pid!]]))!
      expect(use!.memory).toBeGreaterThan(150_000_000)
      expect(use!.cpu).toBeGreaterThan(0.1)
      expect(use!.cpu).toBeLessThan(2.5)
    } finally {
      await group.stop()
    }
    expect(await takenBy([[group.child.pid!]])).toEqual([{ programs: 0, memory: 0, cpu: 0 }])
  },
)

it('reads what ps says', () => {
  const text = '  123   4560   1:02.34\n 77 1  2-03:04:05\nPID RSS TIME\n\n'
  expect([...figuresFromPs(text)]).toEqual([
    [123, { memory: 4_669_440, busy: 62_340 }],
    [77, { memory: 1_024, busy: 183_845_000 }],
  ])
})
