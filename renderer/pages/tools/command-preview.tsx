import { ExactRun } from '../../parts/exact-run.tsx'
import { Problem } from '../../parts/problem.tsx'
import { parseCommandLine } from '../../words/command-line.ts'

/** Exactly what will be started, word by word, before anything is. */
export function CommandPreview({ line, cwd, env }: { line: string; cwd: string; env: readonly string[] }) {
  const parsed = parseCommandLine(line)
  if (parsed.problem || parsed.command === '') return null
  return (
    <>
      <ExactRun
        title="This is exactly what will run"
        facts={{
          command: parsed.command,
          args: parsed.args,
          cwd: cwd.trim() || null,
          env: [...new Set([...Object.keys(parsed.env), ...env.filter(Boolean)])],
          url: null,
          headers: [],
        }}
      />
      {parsed.warning && <Problem tone="warn" problem={{ message: parsed.warning }} />}
    </>
  )
}
