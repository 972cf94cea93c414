import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Workspace } from '../../../src/contract/workspaces.ts'
import { keyOf, patchCall, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { listWords } from '../../words/limits.ts'
import { useWorkspaces } from '../access/choose/use-choices.ts'
import { WorkspaceDialog } from './workspace-dialog.tsx'
import { sourcesOf } from './workspace-form.ts'
import styles from './workspaces.module.css'

/** Further addresses with only some of the tools. One quiet line until there is one. */
export function WorkspacesSection() {
  const workspaces = useWorkspaces().filter((one) => one.name !== 'default')
  const [adding, setAdding] = useState(false)
  return (
    <Section
      title={say('workspaces.title')}
      text={say('workspaces.text')}
      action={
        <Button size="small" onClick={() => setAdding(true)}>
          {say('workspaces.addAWorkspace')}
        </Button>
      }
    >
      {workspaces.length > 0 && (
        <Card className={styles.list}>
          <ul>
            {workspaces.map((workspace) => (
              <WorkspaceRow key={workspace.name} workspace={workspace} />
            ))}
          </ul>
        </Card>
      )}
      <WorkspaceDialog workspace={null} open={adding} onClose={() => setAdding(false)} />
    </Section>
  )
}

function WorkspaceRow({ workspace }: { workspace: Workspace }) {
  const [changing, setChanging] = useState(false)
  const [removing, setRemoving] = useState(false)
  const tools = useCall('tools.list', undefined)
  const chosen = workspace.sources ?? []
  const names = sourcesOf(tools.data ?? [], chosen)
    .filter((source) => chosen.includes(source.id))
    .map((source) => source.title)
  const remove = useCommand('workspaces.remove', {
    inline: true,
    done: (_output, client, { name }) => {
      patchCall(client, 'workspaces.list', undefined, (old) => old.filter((one) => one.name !== name))
      void client.invalidateQueries({ queryKey: keyOf('workspaces.list') })
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
    },
  })
  return (
    <li className={styles.row}>
      <div className={styles.head}>
        <div className={styles.who}>
          <h3 className={styles.title}>
            <Plain text={workspace.title} longest={LONGEST_TITLE} />
          </h3>
          <p className={styles.small}>
            <Plain
              text={
                names.length === 0
                  ? say('workspaces.noTools')
                  : say('workspaces.toolsFrom', { sources: listWords(names) })
              }
            />
          </p>
        </div>
        <div className={styles.buttons}>
          <Button
            size="small"
            aria-label={say('workspaces.changeName', { title: workspace.title })}
            onClick={() => setChanging(true)}
          >
            {say('common.change')}
          </Button>
          <Button
            size="small"
            intent="quiet-danger"
            aria-label={say('workspaces.removeName', { title: workspace.title })}
            onClick={() => setRemoving(true)}
          >
            {say('common.remove')}
          </Button>
        </div>
      </div>
      <div className={styles.addresses}>
        {workspace.publicUrl && (
          <CopyField
            label={say('workspaces.addressOf', { title: workspace.title })}
            value={workspace.publicUrl}
          />
        )}
        <CopyField label={say('common.localAddress')} value={workspace.localUrl} />
      </div>
      <WorkspaceDialog workspace={workspace} open={changing} onClose={() => setChanging(false)} />
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={say('workspaces.removeTitle', { title: workspace.title })}
        text={say('workspaces.itsAddressStopsWorking')}
        action={say('common.remove')}
        keep={say('common.keepIt')}
        danger
        busy={remove.isPending}
        problem={remove.error ? problemOf(remove.error) : null}
        onConfirm={() => remove.mutate({ name: workspace.name })}
      />
    </li>
  )
}
