import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import { nextUnder } from '../../../src/contract/agreed/own-address.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import type { TunnelWay } from '../../../src/contract/tunnel.ts'
import { keyOf, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Button, PageLink } from '../../ui/button.tsx'
import { Check } from '../../ui/check.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { Setting } from '../../ui/page.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Buttons } from '../../ui/text.tsx'
import { Moves, useWay } from './way-dialog.tsx'

/** Refusals that the user can overrule. */
const CONFIRMED = ['cloudflare-name-used', 'cloudflare-name-open']

/** The sign-in at Cloudflare; who leaves the dialog ends it. */
export function useSignIn(onClose: () => void) {
  const state = () => keyOf('tunnel.cloudflareSignIn')
  const now = useCall('tunnel.cloudflareSignIn', undefined).data ?? null
  const begin = useCommand('tunnel.cloudflareSignInBegin', { state })
  const cancel = useCommand('tunnel.cloudflareSignInCancel', { state })
  return {
    now,
    begin,
    cancel,
    leave() {
      if (now !== null) cancel.mutate(undefined)
      onClose()
    },
  }
}

/** What to press next. */
export function SignInSteps({ signIn: { now, begin, cancel } }: { signIn: ReturnType<typeof useSignIn> }) {
  if (now === null || now.state === 'failed') {
    return (
      <>
        {now?.failure && <Problem problem={now.failure} />}
        <Setting title={say('address.cloudflare.signIn.title')} text={say('address.cloudflare.signIn.text')}>
          <Button intent="primary" busy={begin.isPending} onClick={() => begin.mutate(undefined)}>
            {say('address.cloudflare.signIn.begin')}
          </Button>
        </Setting>
      </>
    )
  }
  const stop = (
    <Button busy={cancel.isPending} onClick={() => cancel.mutate(undefined)}>
      {say('address.cloudflare.signIn.stop')}
    </Button>
  )
  if (now.url === null)
    return (
      <Problem tone="info" problem={{ message: say('address.cloudflare.signIn.starting') }} action={stop} />
    )
  return (
    <Problem
      tone="info"
      problem={{
        message: say('address.cloudflare.signIn.waiting'),
        hint: say('address.cloudflare.signIn.waitingHint'),
      }}
      action={
        <Buttons>
          <PageLink intent="primary" href={now.url}>
            {say('tunnel.openCloudflare')}
          </PageLink>
          {stop}
        </Buttons>
      }
    />
  )
}

/** Signed in: which name, before the domain that was chosen there. */
export function SignedInDialog({
  way,
  bridge,
  onClose,
}: {
  way: TunnelWay
  bridge: Bridge
  onClose(): void
}) {
  const [label, setLabel] = useState('drawbridge')
  const [replace, setReplace] = useState(false)
  const setUp = useWay('tunnel.cloudflareSignInSetUp', way, onClose)
  const wanted = label.trim().toLowerCase()
  const form = useForm(setUp, wanted === '' ? null : { label, replace })
  return (
    <FormDialog
      onClose={onClose}
      title={say('address.cloudflare.nameTitle')}
      text={say('address.cloudflare.signIn.nameText')}
      form={form}
      action={say('address.cloudflare.use')}
    >
      <TextField
        label={say('address.cloudflare.label')}
        hint={say('address.cloudflare.signIn.label')}
        value={label}
        onChange={setLabel}
        mono
        wrong={form.tried && wanted === '' ? say('address.needed') : undefined}
      />
      <Moves way={way} bridge={bridge} next={nextUnder(wanted, bridge)} />
      <ReplaceName refusal={setUp.error} checked={replace} onChange={setReplace} />
    </FormDialog>
  )
}

interface ReplaceNameProps {
  refusal: unknown
  checked: boolean
  onChange(next: boolean): void
}

/** Shown once it is known that there is something to overrule. */
export function ReplaceName({ refusal, checked, onChange }: ReplaceNameProps) {
  const mayConfirm = refusal !== null && CONFIRMED.includes(problemOf(refusal).code)
  if (!mayConfirm && !checked) return null
  return <Check label={say('address.cloudflare.replace')} checked={checked} onChange={onChange} />
}
