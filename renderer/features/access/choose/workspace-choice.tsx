import { say } from '../../../../locales/say.ts'
import { Choice } from '../../../ui/choice.tsx'
import styles from './limits.module.css'
import { useWorkspaces } from './use-choices.ts'

/** Which workspace; nothing at all where there is only one. */
export function WorkspaceChoice({
  value,
  onChange,
  legend = say('common.workspace'),
}: {
  value: string
  onChange(next: string): void
  legend?: string
}) {
  const workspaces = useWorkspaces()
  if (workspaces.length < 2) return null
  const options = workspaces.map((workspace) => ({
    value: workspace.name,
    label: workspace.name === 'default' ? say('access.workspaceChoice.allToolsDefault') : workspace.title,
    text: new URL(workspace.localUrl).pathname,
  }))
  return (
    <div className={styles.expiry}>
      <p className={styles.legend}>{legend}</p>
      <div className={styles.when}>
        <Choice label={legend} value={value} options={options} onChange={onChange} />
      </div>
    </div>
  )
}
