import { say } from '../../../locales/say.ts'
import type { App } from './instructions.ts'

export const chatgpt: App = {
  client: 'chatgpt',
  registersAs: /chatgpt|openai/i,
  words: () => ({
    name: 'ChatGPT',
    title: say('setup.chatgpt.connectChatgpt'),
    edition: say('setup.chatgpt.edition'),
    paste: {
      title: say('setup.chatgpt.giveChatgptYourAddress'),
      lines: [
        say('setup.chatgpt.openChatgptComPlugins'),
        say('setup.chatgpt.nameDrawbridgeChooseServer'),
        say('setup.chatgpt.authenticationOauthLeaveEverything'),
        say('setup.chatgpt.tickIUnderstandAnd'),
        say('setup.chatgpt.findDrawbridgeInYour'),
      ],
      otherwise: [
        say('setup.chatgpt.tunnelProgramOpenaisOwn'),
        say('setup.chatgpt.noSuchPageChatgpts'),
        say('setup.chatgpt.plans'),
        say('setup.chatgpt.inOlderVersionsTurn'),
        say('setup.chatgpt.lockdownModeKeepsCustom'),
        say('setup.chatgpt.onlyDesktopAppWithout'),
      ],
    },
    byTunnel: {
      title: say('setup.chatgpt.byTunnel.title'),
      lines: [
        say('setup.chatgpt.openChatgptComPlugins'),
        say('setup.chatgpt.byTunnel.chooseTunnel'),
        say('setup.chatgpt.authenticationOauthLeaveEverything'),
        say('setup.chatgpt.tickIUnderstandAnd'),
        say('setup.chatgpt.byTunnel.signIn'),
        say('setup.chatgpt.findDrawbridgeInYour'),
      ],
      otherwise: [
        say('setup.chatgpt.byTunnel.notListed'),
        say('setup.chatgpt.noSuchPageChatgpts'),
        say('setup.chatgpt.lockdownModeKeepsCustom'),
        say('setup.chatgpt.onlyDesktopAppWithout'),
      ],
    },
    noTools: {
      message: say('setup.chatgpt.chatgptConnectedButHas.message'),
      hint: say('setup.chatgpt.chatgptConnectedButHas.hint'),
    },
    tryIt: [say('setup.chatgpt.startNewChatType'), say('setup.chatgpt.whereActive')].join('\n'),
  }),
}
