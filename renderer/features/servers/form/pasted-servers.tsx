import { useEffect, useRef, useState } from 'react'
import { say } from '../../../../locales/say.ts'
import type { Input } from '../../../../src/contract/api.ts'
import { openAsks, type Pasted, pastedInput } from '../../../../src/contract/pasted.ts'
import { problemOf, useCommand } from '../../../pipe/host.tsx'
import { Button } from '../../../ui/button.tsx'
import { Form, useForm } from '../../../ui/form-dialog.tsx'
import { useIsHere } from '../../../ui/hooks/use-is-here.ts'
import { Plain, plainLabel } from '../../../ui/plain.tsx'
import { Note } from '../../../ui/problem.tsx'
import { rich } from '../../../ui/rich.tsx'
import { Small } from '../../../ui/text.tsx'
import { showDone } from '../../../ui/toasts.tsx'
import styles from './add-server.module.css'
import { nameProblem, type Row, ServerRow } from './pasted-row.tsx'
import { useAddServer } from './use-add-server.ts'

interface PastedProps {
  pasted: Pasted
  /** Back to the form: with what one of them is, or as it was. */
  onForm(input: Input<'servers.add'> | null): void
  onClose(): void
}

/** What a pasted text would add, whole, with what is still to be filled in. Several become drafts: none of them starts by itself. */
export function PastedServers({ pasted, onForm, onClose }: PastedProps) {
  const [rows, setRows] = useState<Row[]>(() =>
    pasted.servers.map((server) => ({
      ...{ server, taken: true, name: server.name, answers: {}, problem: null, added: false },
    })),
  )
  const top = useRef<HTMLParagraphElement>(null)
  // What had the focus is gone.
  useEffect(() => top.current?.focus(), [])
  const one = rows.length === 1 ? rows[0] : undefined
  const set = (at: number, patch: Partial<Row>) =>
    setRows((all) => all.map((row, index) => (index === at ? { ...row, ...patch } : row)))
  const adding = useAdding(rows, set, onClose)
  const wanted = rows.filter((row) => row.taken && !row.added)
  const form = useForm(adding, wanted.length > 0 && wanted.every(isReady) ? rows : null)

  return (
    <Form
      form={form}
      onCancel={onClose}
      action={
        one
          ? say(one.server.kind === 'stdio' ? 'servers.add.addAndRunIt' : 'servers.add.addIt')
          : say('servers.pasted.keep', { count: wanted.length })
      }
      disabled={wanted.length === 0}
      aside={
        one && (
          <Button onClick={() => onForm(pastedInput(one.server, one.name, one.answers))} intent="quiet">
            {say('servers.pasted.changeMore')}
          </Button>
        )
      }
    >
      <div className={styles.read}>
        <p role="status" ref={top} tabIndex={-1}>
          {rich('servers.pasted.readAs', { what: <Plain text={pasted.what} /> })}
        </p>
        <Button size="small" intent="quiet" onClick={() => onForm(null)}>
          {say('servers.pasted.backToTheText')}
        </Button>
      </div>
      {rows.map((row, at) => (
        <ServerRow
          key={row.server.name}
          row={row}
          alone={one !== undefined}
          tried={form.tried}
          change={(patch) => set(at, { problem: null, ...patch })}
        />
      ))}
      {pasted.leftOut.map(({ name, why }, at) => (
        <Note
          // biome-ignore lint/suspicious/noArrayIndexKey: names of strangers may be there twice
          key={at}
          message={say('servers.pasted.wasLeftOut', { text: plainLabel(name) })}
          hint={why}
        />
      ))}
      {!one && <Small>{say('servers.pasted.eachBecomesADraft')}</Small>}
    </Form>
  )
}

const isReady = (row: Row): boolean =>
  openAsks(row.server, row.answers).length === 0 && nameProblem(row) === undefined

/** One is added and started, several are kept as drafts; those that could not be stay in sight with the reason. */
function useAdding(
  rows: readonly Row[],
  set: (at: number, patch: Partial<Row>) => void,
  onClose: () => void,
) {
  const [isPending, setPending] = useState(false)
  const add = useAddServer(onClose)
  const draft = useCommand('servers.draft', { inline: true, refreshes: ['servers.list'] })
  const running = useRef(false)
  const isHere = useIsHere()
  const mutate = async () => {
    if (running.current) return
    running.current = true
    setPending(true)
    const command = rows.length === 1 ? add : draft
    let failed = false
    let kept = 0
    for (const [at, row] of rows.entries()) {
      if (!row.taken || row.added) continue
      // Cancelled: those that were kept are on the list, the others are not begun.
      if (!isHere()) return
      try {
        await command.mutateAsync(pastedInput(row.server, row.name, row.answers))
        set(at, { added: true })
        kept += 1
      } catch (error) {
        failed = true
        set(at, { problem: problemOf(error) })
      }
    }
    running.current = false
    setPending(false)
    if (failed || rows.length === 1 || !isHere()) return
    showDone(say('servers.pasted.kept', { count: kept }))
    onClose()
  }
  // Each says for itself what went wrong.
  return { mutate, isPending, error: null }
}
