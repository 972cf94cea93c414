import { Problem } from '../../parts/problem.tsx'
import { parseCommandLine } from '../../words/command-line.ts'
import styles from './add-server.module.css'

/** Exactly what will be started, word by word, before anything is. */
export function CommandPreview({ line }: { line: string }) {
  const { command, args, env, problem, warning } = parseCommandLine(line)
  if (problem || command === '') return null
  return (
    <>
      <section className={styles.preview} aria-label="Exactly what will run">
        <p className={styles['preview-title']}>This is exactly what will run</p>
        {Object.keys(env).map((name) => (
          <div key={name} className={styles.row}>
            <span>with</span>
            <code>{name}=••••••</code>
          </div>
        ))}
        <div className={styles.row}>
          <span>program</span>
          <code>{command}</code>
        </div>
        {args.map((arg, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: words have no other identity than their place
          <div key={index} className={styles.row}>
            <span>argument {index + 1}</span>
            <code>{arg === '' ? '(empty)' : arg}</code>
          </div>
        ))}
        <div className={styles.row}>
          <span>in</span>
          <span>your home folder</span>
        </div>
      </section>
      {warning && <Problem tone="warn" problem={{ message: warning }} />}
    </>
  )
}
