import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** They measure how long something takes, or how much memory, and so have the machine to themselves. */
const alone = [
  'e2e/attacks/crowds.test.ts',
  'e2e/attacks/held-thread.test.ts',
  'e2e/attacks/panic.test.ts',
  'e2e/attacks/revocation.test.ts',
  'e2e/clients/client-conformance.test.ts',
  'e2e/collected-young.test.ts',
  'e2e/soak/soak.test.ts',
  'src/activity/**/search.test.ts',
  'src/servers/lifecycle/supervisor.kills.test.ts',
  'bench/*.test.ts',
]

/** The longest (every screen there is), and those with whole hosts. */
const long = /\/axe\.test\.ts$|\/e2e\//

/** Those first: what takes minutes is not begun when there is nothing left beside it, however short its file. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => long.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    environment: 'node',
    // Nothing of the tester's: what their shell reads at its start takes up to three seconds, for each host and each program.
    env: { SHELL: '' },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // One second is too short on a machine that is busy with other tests.
    expect: { poll: { timeout: 10_000 } },
    sequence: { sequencer: LongFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['{src,locales,renderer,electron,scripts,e2e}/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...alone],
          // Most wait for a browser, a process or a clock; with three, what has seconds to happen in waits for the others.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
