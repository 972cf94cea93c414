import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import type { TunnelWay } from '../../../src/contract/tunnel.ts'
import { useCommand } from '../../pipe/host.tsx'
import { Button, PageLink } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { DialogActions } from '../../ui/dialog.tsx'
import { FieldGroup, TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { useIsHere } from '../../ui/hooks/use-is-here.ts'
import { Problem } from '../../ui/problem.tsx'
import styles from './address.module.css'
import { ReplaceName, SignedInDialog, SignInSteps, useSignIn } from './cloudflare-sign-in.tsx'
import { Moves, useWay, WayNeeds } from './way-dialog.tsx'

/** Cloudflare's page for a new token, with the three rights that are needed already chosen. */
const TOKEN_PAGE = `https://dash.cloudflare.com/profile/api-tokens?${new URLSearchParams({
  permissionGroupKeys: JSON.stringify([
    { key: 'argotunnel', type: 'edit' },
    { key: 'dns', type: 'edit' },
    { key: 'zone', type: 'read' },
  ]),
  accountId: '*',
  zoneId: 'all',
  name: 'Drawbridge',
})}`

interface CloudflareDialogProps {
  way: TunnelWay
  bridge: Bridge
  onClose(): void
}

/** First whose account it is, by a sign-in or a token, then which name under which domain; all else is made at Cloudflare by Drawbridge. */
export function CloudflareDialog({ way, bridge, onClose }: CloudflareDialogProps) {
  const signIn = useSignIn(onClose)
  const isHere = useIsHere()
  const leave = () => isHere() && signIn.leave()
  const [token, setToken] = useState('')
  const domains = useCommand('tunnel.cloudflareDomains', { inline: true })
  const first = useForm(domains, token.trim() === '' ? null : { token })
  if (domains.data && domains.data.value.length > 0)
    return (
      <NameDialog
        token={token}
        domains={domains.data.value.map(({ name }) => name)}
        way={way}
        bridge={bridge}
        onClose={leave}
      />
    )
  if (signIn.now?.state === 'ready') return <SignedInDialog way={way} bridge={bridge} onClose={leave} />
  if (signIn.now && signIn.now.state !== 'failed')
    return (
      <FormDialog
        onClose={signIn.leave}
        title={say('address.cloudflare.title')}
        text={say('address.cloudflare.text')}
        onlyCopy={false}
      >
        <SignInSteps signIn={signIn} />
        <DialogActions safe={<Button onClick={signIn.leave}>{say('common.cancel')}</Button>} act={null} />
      </FormDialog>
    )
  return (
    <FormDialog
      onClose={signIn.leave}
      title={say('address.cloudflare.title')}
      text={say('address.cloudflare.text')}
      form={first}
      action={say('address.cloudflare.show')}
    >
      <WayNeeds way={way} />
      <SignInSteps signIn={signIn} />
      <h3 className={styles.or}>{say('address.cloudflare.orToken')}</h3>
      <Problem
        tone="info"
        announce={false}
        problem={{ message: say('address.cloudflare.create'), hint: say('address.cloudflare.createHint') }}
        action={<PageLink href={TOKEN_PAGE}>{say('tunnel.openCloudflare')}</PageLink>}
      />
      <TextField
        label={say('address.cloudflare.token')}
        hint={say('address.cloudflare.tokenHint')}
        value={token}
        onChange={setToken}
        type="password"
        mono
        wrong={first.tried && token.trim() === '' ? say('address.needed') : undefined}
      />
    </FormDialog>
  )
}

function NameDialog({
  token,
  domains,
  way,
  bridge,
  onClose,
}: CloudflareDialogProps & { token: string; domains: string[] }) {
  const [domain, setDomain] = useState(domains[0]!)
  const [label, setLabel] = useState('drawbridge')
  const [replace, setReplace] = useState(false)
  const setUp = useWay('tunnel.cloudflareSetUp', way, onClose)
  const address = `https://${label.trim().toLowerCase()}.${domain}`
  const form = useForm(setUp, label.trim() === '' ? null : { token, domain, label, replace })
  return (
    <FormDialog
      onClose={onClose}
      title={say('address.cloudflare.nameTitle')}
      text={say('address.cloudflare.nameText')}
      form={form}
      action={say('address.cloudflare.use')}
    >
      {domains.length > 1 && (
        <FieldGroup legend={say('address.cloudflare.domain')}>
          <Choice
            label={say('address.cloudflare.domain')}
            value={domain}
            options={domains.map((value) => ({ value, label: value }))}
            onChange={setDomain}
          />
        </FieldGroup>
      )}
      <TextField
        label={say('address.cloudflare.label')}
        hint={say('address.cloudflare.labelHint', { domain })}
        value={label}
        onChange={setLabel}
        mono
        wrong={form.tried && label.trim() === '' ? say('address.needed') : undefined}
      />
      <CopyField label={say('address.cloudflare.preview')} value={`${address}/mcp`} />
      <WayNeeds way={way} />
      <Moves way={way} bridge={bridge} next={address} />
      <ReplaceName refusal={setUp.error} checked={replace} onChange={setReplace} />
    </FormDialog>
  )
}
