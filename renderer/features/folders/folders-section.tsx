import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Folder } from '../../../src/contract/folders.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { RemoveButton } from '../../ui/dialog.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Buttons, Small } from '../../ui/text.tsx'
import { AddFolderButton } from './add-folder-button.tsx'
import styles from './folders.module.css'
import { LeftOutDialog } from './left-out-dialog.tsx'

/** The user's own documents. One quiet line until there is a folder. */
export function FoldersSection() {
  const folders = useCall('folders.list', undefined)
  const all = folders.data ?? []
  return (
    <Section
      title={say('folders.title')}
      text={say('folders.text')}
      action={<AddFolderButton size="small" />}
    >
      {all.length > 0 && (
        <Card className={styles.list}>
          <ul data-divided>
            {all.map((folder) => (
              <FolderRow key={folder.id} folder={folder} />
            ))}
          </ul>
        </Card>
      )}
    </Section>
  )
}

function FolderRow({ folder }: { folder: Folder }) {
  const [looking, setLooking] = useState(false)
  const { id, name, path, state, documents, waiting, skipped, isWritable } = folder
  const change = useCommand('folders.change', { refreshes: ['folders.list', 'tools.list'] })
  const remove = useCommand('folders.remove', { inline: true, refreshes: ['folders.list', 'tools.list'] })
  const isPaused = state === 'paused'
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <h3 className={styles.title}>
          <Plain text={name} longest={LONGEST_TITLE} />
          {state === 'missing' && <Badge tone="warn">{say('folders.notThere')}</Badge>}
          {state === 'stuck' && <Badge tone="warn">{say('folders.stuck')}</Badge>}
        </h3>
        <p className={styles.state}>{say(`folders.state.${state}`, { documents, waiting })}</p>
        <Small>
          <Plain text={path} />
        </Small>
        {folder.isPolled && <Small>{say('folders.polled')}</Small>}
        <Check
          label={say('folders.writable')}
          text={say('folders.writableText')}
          checked={isWritable}
          onChange={(writable) => change.mutate({ id, writable })}
        />
      </div>
      <Buttons>
        {skipped > 0 && (
          <Button
            intent="quiet"
            size="small"
            aria-label={say('folders.seeLeftOut', { name, count: skipped })}
            onClick={() => setLooking(true)}
          >
            {say('folders.leftOut', { count: skipped })}
          </Button>
        )}
        <Button
          intent="quiet"
          size="small"
          aria-label={say(isPaused ? 'folders.resumeName' : 'folders.pauseName', { name })}
          busy={change.isPending}
          onClick={() => change.mutate({ id, paused: !isPaused })}
        >
          {say(isPaused ? 'folders.resume' : 'folders.pause')}
        </Button>
        <RemoveButton
          aria-label={say('folders.removeName', { name })}
          command={remove}
          input={{ id }}
          title={say('folders.removeTitle', { name })}
          text={say('folders.removeText')}
        />
      </Buttons>
      {looking && <LeftOutDialog folder={folder} onClose={() => setLooking(false)} />}
    </li>
  )
}
