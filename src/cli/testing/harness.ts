import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshState } from '../../contract/testing/fake-state.ts'
import { startHeadless } from '../../headless/start-headless.ts'
import { fakeRunningHost } from '../../headless/testing/fake-running-host.ts'
import { run } from '../run.ts'
import { slowAnswers } from './slow-answers.ts'

export interface Ran {
  code: number
  out: string
  err: string
}

/** The headless shell over a host without rooms, and the command line to talk to it. For tests. */
export async function startHarness() {
  const dir = mkdtempSync(join(tmpdir(), 'cli-'))
  const data = join(dir, 'data')
  mkdirSync(join(dir, 'ui'))
  writeFileSync(join(dir, 'ui', 'index.html'), '<html><head></head></html>')
  // A window that is opened now closes at a round number.
  const { host, fake } = fakeRunningHost({
    dataDir: data,
    answers: slowAnswers,
    now: () => 1_799_999_400_000,
  })
  const running = await startHeadless(
    { dataDir: data, version: '0.0.0', json: true, open: false },
    { createHost: async () => host, uiDir: join(dir, 'ui'), print: () => {}, openBrowser: () => {} },
  )
  /** What a person at the terminal answers; empty: nobody is there. */
  const answers: boolean[] = []
  const questions: string[] = []
  const harness = {
    dir,
    data,
    get state() {
      return fake.state
    },
    called: fake.called,
    host,
    /** What happens while the person at the terminal thinks. */
    beforeAnswer: () => {},
    answers,
    questions,
    /** Variables there, besides the usual. */
    env: {} as Record<string, string>,
    /** After so many parts nobody reads standard output any more. */
    readsParts: Number.POSITIVE_INFINITY,
    /** Letters per line; undefined: nobody looks. */
    terminal: { width: undefined as number | undefined },
    /** What stands on standard input; null: it is a terminal. */
    input: null as string | null,
    /** Runs a command as the shell would split it; gives what it wrote and its exit code. */
    async drawbridge(...argv: string[]): Promise<Ran> {
      const out: string[] = []
      const err: string[] = []
      const code = await run(argv, {
        out: (line) => out.push(line),
        err: (line) => err.push(line),
        write: async (text) => {
          out.push(text.replace(/\n$/, ''))
          return out.length < harness.readsParts
        },
        width: harness.terminal.width,
        env: { DRAWBRIDGE_DATA: data, FROM_HERE: 'value from here', ...harness.env },
        cwd: '/home/ada',
        ...(harness.input !== null && { input: async () => harness.input! }),
        ...(answers.length > 0 && {
          confirm: async (question: string) => {
            questions.push(question)
            harness.beforeAnswer()
            return answers.shift()!
          },
        }),
      })
      return { code, out: out.join('\n'), err: err.join('\n') }
    },
    /** What the host was last asked under this name. */
    last: (name: string) => fake.called.findLast((one) => one.name === name)?.input,
    forget() {
      fake.state = freshState(data)
      harness.terminal.width = undefined
      harness.env = {}
      harness.input = null
      harness.readsParts = Number.POSITIVE_INFINITY
      answers.length = 0
      questions.length = 0
      harness.beforeAnswer = () => {}
      fake.called.length = 0
    },
    async stop() {
      await running.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return harness
}

export const json = (result: Ran) => JSON.parse(result.out)
