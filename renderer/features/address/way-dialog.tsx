import { type FormEvent, type Ref, useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import { knowingAddress } from '../../../src/contract/agreed/own-address.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import type { TunnelField, TunnelId, TunnelWay } from '../../../src/contract/tunnel.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { useIsHere } from '../../ui/hooks/use-is-here.ts'
import { Setting } from '../../ui/page.tsx'
import { Note } from '../../ui/problem.tsx'
import { Radios } from '../../ui/radios.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { fitting, HAVES, type Have, haveOf } from './fitting-ways.ts'
import { megabytes, ProblemWithAction } from './helper-download.tsx'
import { WayFacts } from './way-facts.tsx'

interface WayDialogProps {
  ways: TunnelWay[]
  chosen: TunnelWay
  bridge: Bridge
  /** To set it up with an account at Cloudflare. */
  onCloudflare(): void
  onClose(): void
}

/** What makes a way the one that is used. */
export const useWay = <K extends 'tunnel.use' | 'tunnel.cloudflareSetUp' | 'tunnel.cloudflareSignInSetUp'>(
  name: K,
  way: TunnelWay,
  onClose: () => void,
) =>
  useCommand(name, {
    inline: true,
    refreshes: ['tunnel.list'],
    // The step that sent it may be gone by then while its dialog is not, which knows whether it is still to be closed.
    done: () => {
      showDone(say('address.used', { title: way.title }))
      onClose()
    },
  })

/** Two questions at most: what somebody has, and, where several ways fit, which one. */
export function WayDialog({ ways, chosen, bridge, onCloudflare, onClose }: WayDialogProps) {
  const [have, setHave] = useState<Have>(haveOf(chosen.id))
  const [id, setId] = useState<TunnelId>(chosen.id)
  const [typed, setTyped] = useState<Record<string, string>>({})
  const fits = fitting(have, ways)
  const way = fits.find((one) => one.id === id) ?? fits[0] ?? chosen
  const isHere = useIsHere()
  const use = useWay('tunnel.use', way, () => isHere() && onClose())
  // A secret that nobody typed stays as it is.
  const values = Object.fromEntries(
    way.fields.flatMap(({ name }) => (name in typed ? [[name, typed[name]!]] : [])),
  )
  const missing = way.fields.filter(
    ({ name, required }) =>
      required && !(typed[name] ?? way.values[name])?.trim() && !(way.secrets.includes(name) && !typed[name]),
  )
  const firstMissing = useRef<HTMLElement>(null)
  const plainForm = useForm(use, missing.length > 0 ? null : { id: way.id, values })
  const form = {
    ...plainForm,
    submit(event: FormEvent) {
      plainForm.submit(event)
      // It may be out of sight, below what is to be read, or behind the buttons.
      firstMissing.current?.focus()
      firstMissing.current?.scrollIntoView({ block: 'center' })
    },
  }
  return (
    <FormDialog
      onClose={onClose}
      title={say('address.choose')}
      text={say('address.chooseText')}
      form={form}
      action={say('address.use')}
    >
      <Radios<Have>
        legend={say('address.have')}
        value={have}
        options={HAVES.map((value) => ({ value, label: say(`address.have.${value}`) }))}
        onChange={setHave}
      />
      {fits.length > 1 && (
        <Radios<TunnelId>
          legend={say('address.which')}
          value={way.id}
          options={fits.map(({ id: value, title, about }, at) => ({
            value,
            label: at === 0 ? say('address.recommended', { title }) : title,
            text: about,
          }))}
          onChange={setId}
        />
      )}
      <WayFacts way={way} />
      <WayNeeds way={way} />
      {way.id === 'cloudflare' && <WithAccount onPress={onCloudflare} />}
      {way.fields.map((field) => (
        <WayField
          key={`${way.id} ${field.name}`}
          {...(field === missing[0] && { ref: firstMissing })}
          field={field}
          isKept={way.secrets.includes(field.name)}
          value={typed[field.name] ?? way.values[field.name] ?? ''}
          onChange={(next) => setTyped({ ...typed, [field.name]: next })}
          wrong={form.tried && missing.includes(field) ? say('address.needed') : undefined}
        />
      ))}
      {way.leadsTo && <CopyField label={say('address.leadsTo')} value={way.leadsTo} />}
      <Moves way={way} bridge={bridge} next={nextOf(way, typed)} />
    </FormDialog>
  )
}

/** What has to be on this computer before. */
export function WayNeeds({ way }: { way: TunnelWay }) {
  if (way.helper === null || way.helper.found) return null
  const { title, from: url, fetch } = way.helper
  const message = say('address.helper', { title })
  if (fetch === null) {
    const action = { label: say('tunnel.getHelper', { title }), url }
    return (
      <ProblemWithAction tone="info" problem={{ message, hint: say('address.helperHint') }} action={action} />
    )
  }
  const { id: fetches, version, bytes } = fetch
  const hint = say('address.helperFetch', { title, version, megabytes: megabytes(bytes) })
  const action = { label: say('tunnel.fetchHelper', { title }), url, fetches }
  return <ProblemWithAction tone="info" problem={{ message, hint }} action={action} />
}

function WithAccount({ onPress }: { onPress(): void }) {
  return (
    <Setting title={say('address.cloudflare.title')} text={say('address.cloudflare.openHint')}>
      <Button intent="primary" onClick={onPress}>
        {say('address.cloudflare.open')}
      </Button>
    </Setting>
  )
}

interface WayFieldProps {
  field: TunnelField
  isKept: boolean
  value: string
  onChange(next: string): void
  wrong: string | undefined
  ref?: Ref<HTMLElement>
}

function WayField({ field, isKept, value, onChange, wrong, ref }: WayFieldProps) {
  return (
    <TextField
      {...(ref && { ref })}
      label={field.label}
      hint={isKept ? say('connectors.keptHint', { hint: field.hint }) : field.hint}
      placeholder={field.placeholder}
      value={value}
      onChange={onChange}
      mono
      wrong={wrong}
      {...(field.kind === 'secret' && { type: 'password' as const })}
    />
  )
}

/** What assistants are given: the address, or the tunnel. */
const placeOf = ({ address, tunnel }: Record<string, string>): string | null => address ?? tunnel ?? null

function nextOf(way: TunnelWay, typed: Record<string, string>): string | null {
  // What was typed for another way is no part of this one.
  const own = way.fields.flatMap(({ name }) => (name in typed ? [[name, typed[name]!]] : []))
  return placeOf({ ...way.values, ...Object.fromEntries(own) })
}

/** Beforehand: who has to be connected again. */
export function Moves({ way, bridge, next }: { way: TunnelWay; bridge: Bridge; next: string | null }) {
  const grants = useCall('grants.list', undefined).data ?? []
  if (way.chosen && next === placeOf(way.values)) return null
  const known = knowingAddress(grants, bridge, next)
  if (known.length === 0) return null
  return (
    <Note
      message={say('address.moves', { names: known.map(({ name }) => name).join(', ') })}
      hint={say('address.movesHint')}
    />
  )
}
