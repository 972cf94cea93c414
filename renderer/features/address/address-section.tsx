import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { useCall } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { Card, Section, Setting, Waiting } from '../../ui/page.tsx'
import { CloudflareDialog } from './cloudflare-dialog.tsx'
import { ProblemWithAction } from './helper-download.tsx'
import { WayDialog } from './way-dialog.tsx'
import { WayFacts } from './way-facts.tsx'

/** Which way the outside reaches us, how that is, and the button that changes it. */
export function AddressSection({ bridge }: { bridge: Bridge }) {
  const ways = useCall('tunnel.list', undefined)
  const [choosing, setChoosing] = useState<'way' | 'cloudflare' | null>(null)
  const close = () => setChoosing(null)
  const cloudflare = ways.data?.find(({ id }) => id === 'cloudflare')
  const chosen = ways.data?.find((way) => way.chosen)
  // An open one has a hint where somebody is kept away.
  const isTrouble =
    bridge.state === 'offline' || bridge.state === 'taken' || (bridge.state === 'open' && bridge.hint !== '')
  return (
    <Section title={say('address.title')}>
      <Waiting on={ways} />
      {ways.data && chosen && (
        <Card lines="apart">
          <Setting title={chosen.title} text={chosen.about}>
            <Button onClick={() => setChoosing('way')}>{say('address.change')}</Button>
          </Setting>
          {isTrouble && (
            <ProblemWithAction
              tone="warn"
              problem={{ message: bridge.message, hint: bridge.hint }}
              action={bridge.action}
            />
          )}
          <WayFacts way={chosen} />
          {chosen.leadsTo && <CopyField label={say('address.leadsTo')} value={chosen.leadsTo} />}
        </Card>
      )}
      {choosing === 'way' && ways.data && chosen && (
        <WayDialog
          ways={ways.data}
          chosen={chosen}
          bridge={bridge}
          onCloudflare={() => setChoosing('cloudflare')}
          onClose={close}
        />
      )}
      {choosing === 'cloudflare' && cloudflare && (
        <CloudflareDialog way={cloudflare} bridge={bridge} onClose={close} />
      )}
    </Section>
  )
}
