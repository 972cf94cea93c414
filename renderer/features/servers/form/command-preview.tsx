import { say } from '../../../../locales/say.ts'
import { parseCommandLine } from '../../../../src/contract/agreed/command-line.ts'
import { shownValue } from '../../../../src/contract/agreed/shown-value.ts'
import { ExactRun } from '../../../ui/exact-run.tsx'
import { Problem } from '../../../ui/problem.tsx'
import type { Pair } from './server-form.ts'

/** Exactly what will be started, word by word, before anything is. */
export function CommandPreview({
  line,
  cwd,
  env,
  confined,
}: {
  line: string
  cwd: string
  env: readonly Pair[]
  confined: boolean
}) {
  const parsed = parseCommandLine(line)
  if (parsed.problem || parsed.command === '') return null
  return (
    <>
      <ExactRun
        title={say('servers.pasted.runsNow')}
        facts={{
          command: parsed.command,
          args: parsed.args,
          cwd: cwd.trim() || null,
          env: [],
          values: valuesOf(parsed.env, env),
          confined,
          oauth: null,
          url: null,
          headers: [],
        }}
      />
      {parsed.warning && <Problem tone="warn" problem={{ message: parsed.warning }} />}
    </>
  )
}

/** As they would be sent: a later one wins, an empty field is not there, and one that is kept is not known here. */
function valuesOf(inLine: Record<string, string>, pairs: readonly Pair[]) {
  const all = new Map(Object.entries(inLine).map(([name, value]) => [name, shownValue(name, value)]))
  for (const { name: typed, value, kept } of pairs) {
    const name = typed.trim()
    if (name === '') continue
    if (kept && value === '') all.set(name, { name, text: say('servers.form.kept'), masked: true })
    else if (value !== '') all.set(name, shownValue(name, value))
  }
  return [...all.values()]
}
