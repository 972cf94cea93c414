import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Bridge, BridgeState } from '../../../src/contract/status.ts'
import { keyOf, patchCall, useCommand } from '../../pipe/host.tsx'
import { BridgePicture } from '../../shell/bridge-picture.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button, ButtonLink, PageLink } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { cx } from '../../ui/cx.ts'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Card } from '../../ui/page.tsx'
import { Small } from '../../ui/text.tsx'
import { type BridgeWords, bridgeDetail } from '../../words/bridge.ts'
import { ProblemWithAction } from '../address/helper-download.tsx'
import { PublicField } from '../address/public-field.tsx'
import { DoctorButton } from '../doctor/doctor-button.tsx'
import { EndAllAccess } from './end-all-access.tsx'
import styles from './home-page.module.css'

interface BridgeCardProps {
  bridge: Bridge
  words: BridgeWords
  /** Somebody was let in, or has a key. */
  hasAccess: boolean
}

/** The state, in words and as a picture; the one button; the address. */
export function BridgeCard({ bridge, words, hasAccess }: BridgeCardProps) {
  const lower = useBridgeCommand('bridge.lower', 'opening')
  const raise = useBridgeCommand('bridge.raise', 'raised')
  const here = useBridgeCommand('tunnel.takeOver', 'opening')
  const [renaming, setRenaming] = useState(false)
  const detail = bridgeDetail(bridge)
  const busy = lower.isPending || raise.isPending
  const canLower = bridge.state === 'raised' || bridge.state === 'local'
  // Before anybody was let in, and without an address, there is nothing that could be raised.
  const isFirst = bridge.state === 'local' && !hasAccess

  return (
    <Card className={styles.bridge} label={say('home.bridge.label')}>
      <div className={styles.words}>
        <span className={styles.badge}>
          <Badge tone={words.tone} dot>
            {words.short}
          </Badge>
        </span>
        <h1 className={styles.title}>{words.title}</h1>
        <p className={styles.lead}>{words.lead}</p>
        {detail && !bridge.action?.fetches && (
          <p className={cx(styles.detail, words.tone === 'busy' && styles.calm)}>{detail}</p>
        )}
        <div className={styles.buttons}>
          {canLower && (
            <Button
              intent={bridge.state === 'raised' ? 'primary' : isFirst ? 'quiet' : 'neutral'}
              size={isFirst ? 'small' : 'large'}
              className={isFirst ? styles.aside : undefined}
              busy={lower.isPending}
              disabled={busy}
              onClick={() => lower.mutate(undefined)}
            >
              {bridge.state === 'local'
                ? say('home.bridge.openAPublicAddress')
                : say('home.bridge.lowerTheBridge')}
            </Button>
          )}
          {bridge.state !== 'raised' && !isFirst && (
            <Button
              intent={bridge.state === 'local' ? 'quiet' : 'neutral'}
              size="large"
              busy={raise.isPending}
              disabled={busy}
              onClick={() => raise.mutate(undefined)}
            >
              {say('home.bridge.raiseTheBridge')}
            </Button>
          )}
          {bridge.elsewhere && (
            <Button
              intent="primary"
              size="large"
              busy={here.isPending}
              onClick={() => here.mutate(undefined)}
            >
              {say('home.bridge.useItHere')}
            </Button>
          )}
          {bridge.state === 'taken' && (
            <Button
              intent={bridge.elsewhere ? 'neutral' : 'primary'}
              size="large"
              onClick={() => setRenaming(true)}
            >
              {say('home.bridge.useANewAddress')}
            </Button>
          )}
          {bridge.action && !bridge.action.fetches && (
            <PageLink intent="primary" size="large" href={bridge.action.url}>
              {bridge.action.label}
            </PageLink>
          )}
          {bridge.state === 'offline' && (
            <Button
              intent="neutral"
              size="large"
              busy={lower.isPending}
              disabled={busy}
              onClick={() => lower.mutate(undefined)}
            >
              {say('common.tryAgain')}
            </Button>
          )}
          <DoctorButton state={bridge.state} size="large" />
          {(bridge.state === 'offline' || bridge.state === 'taken') && (
            <ButtonLink to="/settings" intent="quiet" size="large">
              {say('address.otherWay')}
            </ButtonLink>
          )}
        </div>
        {bridge.action?.fetches && <ProblemWithAction tone="warn" problem={bridge} action={bridge.action} />}
        <Small>{isFirst ? say('home.bridge.meansFirst') : buttonMeaning(bridge.state)}</Small>
        {hasAccess && <EndAllAccess />}
      </div>
      <div className={styles.picture}>
        <BridgePicture state={bridge.state} tone={words.tone} />
      </div>
      <div className={styles.addresses}>
        <PublicField bridge={bridge} label={say('home.bridge.yourAddress')} />
        <CopyField label={say('common.localAddress')} value={bridge.localUrl} />
      </div>
      {renaming && <NewAddress onClose={() => setRenaming(false)} />}
    </Card>
  )
}

function buttonMeaning(state: BridgeState): string {
  if (state === 'raised') return say('home.bridge.meansLower')
  if (state === 'local') return say('home.bridge.meansLocal')
  return say('home.bridge.meansRaise')
}

function useBridgeCommand(
  name: 'bridge.lower' | 'bridge.raise' | 'bridge.newAddress' | 'tunnel.takeOver',
  wished: BridgeState,
) {
  return useCommand(name, {
    inline: name === 'bridge.newAddress',
    optimistic: (client) =>
      patchCall(client, 'status.get', undefined, (old) => ({
        ...old,
        bridge: { ...old.bridge, state: wished, message: '', hint: '' },
      })),
    state: () => keyOf('status.get'),
  })
}

function NewAddress({ onClose }: { onClose(): void }) {
  const rename = useBridgeCommand('bridge.newAddress', 'opening')
  return (
    <ConfirmDialog
      onClose={onClose}
      title={say('home.newAddress.title')}
      text={say('home.newAddress.text')}
      action={say('home.bridge.useANewAddress')}
      keep={say('home.newAddress.keep')}
      command={rename}
      onConfirm={() => rename.mutate(undefined, { onSuccess: onClose })}
    />
  )
}
