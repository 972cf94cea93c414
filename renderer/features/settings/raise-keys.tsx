import { type KeyboardEvent, useState } from 'react'
import { say } from '../../../locales/say.ts'
import { isMacBrowser, keysOf, shortcutWords, superKey } from '../../../src/contract/agreed/shortcut.ts'
import type { RaiseShortcut } from '../../../src/contract/status.ts'
import { useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Card, Section, Setting } from '../../ui/page.tsx'
import { Failure, Note, Problem } from '../../ui/problem.tsx'
import { Buttons } from '../../ui/text.tsx'

const isMac = isMacBrowser(navigator.userAgent)

/** The keys that raise the bridge whatever program is in front. */
export function RaiseKeys({ shortcut }: { shortcut: RaiseShortcut }) {
  const [listening, setListening] = useState(false)
  const [unfit, setUnfit] = useState(false)
  const set = useCommand('preferences.set', { inline: true, refreshes: ['status.get'] })
  const { keys, state } = shortcut
  const choose = (raiseShortcut: string | null) => {
    setListening(false)
    setUnfit(false)
    set.mutate({ raiseShortcut })
  }
  const press = (event: KeyboardEvent) => {
    if (!listening || event.key === 'Tab') return
    event.preventDefault()
    if (event.key === 'Escape') return setListening(false)
    const pressed = keysOf(event)
    if (pressed === 'more') return
    if (pressed === null) setUnfit(true)
    else choose(pressed)
  }
  const isUnheard = state === 'taken' || state === 'wayland' || state === 'no-window'
  return (
    <Section title={say('settings.shortcut.title')}>
      <Card lines="close">
        <Setting
          title={
            keys === null
              ? say('settings.shortcut.raiseTheBridge')
              : say('settings.shortcut.chosen', { keys: shortcutWords(keys, isMac) })
          }
          text={[
            say('settings.shortcut.text', { super: superKey(isMac) }),
            ...(state === 'on' || (state === 'no-window' && keys === null)
              ? [say(`settings.shortcut.${state}`)]
              : []),
          ].join(' ')}
        >
          <Buttons>
            {state === 'taken' && !listening && (
              <Button busy={set.isPending} onClick={() => choose(keys)}>
                {say('common.tryAgain')}
              </Button>
            )}
            {(state !== 'no-window' || keys !== null) && (
              <Button
                busy={set.isPending}
                aria-live="polite"
                onClick={() => setListening(!listening)}
                onKeyDown={press}
                onBlur={() => setListening(false)}
              >
                {say(listening ? 'settings.shortcut.listening' : 'settings.shortcut.choose')}
              </Button>
            )}
            {keys !== null && (
              <Button intent="quiet" onClick={() => choose(null)}>
                {say('settings.shortcut.remove')}
              </Button>
            )}
          </Buttons>
        </Setting>
        {listening && unfit && (
          <Problem
            tone="warn"
            problem={{ message: say('settings.shortcut.unfit', { super: superKey(isMac) }) }}
          />
        )}
        {isUnheard && keys !== null && <Note message={say(`settings.shortcut.${state}`)} />}
        <Failure of={set.error} />
      </Card>
    </Section>
  )
}
