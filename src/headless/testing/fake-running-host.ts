import { mkdirSync } from 'node:fs'
import { type Answers, fakeAdminKey } from '../../contract/testing/fake-answers.ts'
import { FakeHost } from '../../contract/testing/fake-host.ts'
import { freshState } from '../../contract/testing/fake-state.ts'
import { silentLog } from '../../kernel/log/log.ts'
import type { RunningHost } from '../start-headless.ts'

/** A fake host as the headless shell runs it. For tests. */
export function fakeRunningHost(options: { dataDir: string; answers?: Answers; now?: () => number }) {
  const { dataDir, answers, now } = options
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const fake = new FakeHost({ state: freshState(dataDir), ...(answers && { answers }), ...(now && { now }) })
  const running = { fake, stopped: false }
  const host: RunningHost = {
    isAdminKey: (text) => text === fakeAdminKey,
    dataDir,
    mcpUrl: fake.state.status.bridge.localUrl,
    log: silentLog,
    on: fake.on,
    dispatch: fake.dispatch,
    async stop() {
      running.stopped = true
    },
  }
  return Object.assign(running, { host })
}
