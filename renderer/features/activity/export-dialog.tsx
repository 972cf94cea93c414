import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import { type ActivityFilter, ExportFormat } from '../../../src/contract/activity.ts'
import { dayOf } from '../../../src/contract/agreed/words/local-time.ts'
import { usePipe } from '../../pipe/host.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { Radios } from '../../ui/radios.tsx'
import { Small } from '../../ui/text.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { saveLog } from './save-log.ts'

interface ExportDialogProps {
  search: string
  filter: ActivityFilter
  /** Whether the page shows less than everything. */
  isNarrowed: boolean
  onClose(): void
}

/** The log as a file: in which form, and how much of it. */
export function ExportDialog({ search, filter, isNarrowed, onClose }: ExportDialogProps) {
  const pipe = usePipe()
  const [format, setFormat] = useState<ExportFormat>('csv')
  const [what, setWhat] = useState<'shown' | 'all'>(isNarrowed ? 'shown' : 'all')
  const [rows, setRows] = useState(0)
  const stop = useRef(new AbortController())
  useEffect(() => () => stop.current.abort(), [])
  const save = useMutation({
    mutationFn: (asked: Parameters<typeof saveLog>[1]) => {
      setRows(0)
      stop.current = new AbortController()
      const name = `drawbridge-activity-${dayOf(Date.now())}.${asked.format}`
      return saveLog(pipe, asked, name, { onRows: setRows, signal: stop.current.signal })
    },
    onSuccess: () => {
      if (stop.current.signal.aborted) return
      showDone(say('activity.export.done'))
      onClose()
    },
  })
  const form = useForm(save, what === 'all' ? { format } : { format, search, filter })
  return (
    <FormDialog
      title={say('activity.export.title')}
      text={say('activity.export.text')}
      form={form}
      action={say('activity.export.action')}
      onClose={onClose}
      onlyCopy={false}
    >
      {isNarrowed && (
        <Radios<'shown' | 'all'>
          legend={say('activity.export.what')}
          value={what}
          options={(['shown', 'all'] as const).map((value) => ({
            value,
            label: say(`activity.export.${value}`),
          }))}
          onChange={setWhat}
        />
      )}
      <Radios<ExportFormat>
        legend={say('activity.export.form')}
        value={format}
        options={ExportFormat.options.map((value) => ({
          value,
          label: say(`activity.export.format.${value}.label`),
          text: say(`activity.export.format.${value}.text`),
        }))}
        onChange={setFormat}
      />
      {save.isPending && <Small role="status">{say('activity.export.rows', { rows })}</Small>}
    </FormDialog>
  )
}
