import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import styles from './tool-name.module.css'

/** What a tool calls itself, and the name that was called. */
export function ToolName({ tool, title }: { tool: string; title: string | undefined }) {
  if (title === undefined) return <Plain text={tool} longest={LONGEST_TITLE} />
  return (
    <>
      <Plain text={title} longest={LONGEST_TITLE} />{' '}
      <code className={styles.name}>
        <Plain text={tool} longest={LONGEST_TITLE} />
      </code>
    </>
  )
}
