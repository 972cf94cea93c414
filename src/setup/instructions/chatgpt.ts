import { say } from '../../../locales/say.ts'
import type { Instructions } from './instructions.ts'

export const chatgpt: Instructions = {
  client: 'chatgpt',
  name: 'ChatGPT',
  title: say('setup.chatgpt.connectChatgpt'),
  edition: 'November 2026',
  registersAs: /chatgpt|openai/i,
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
      say('setup.chatgpt.inOlderVersionsTurn'),
      say('setup.chatgpt.lockdownModeKeepsCustom'),
      say('setup.chatgpt.onlyDesktopAppWithout'),
    ],
  },
  noTools: {
    message: say('setup.chatgpt.chatgptConnectedButHas.message'),
    hint: say('setup.chatgpt.chatgptConnectedButHas.hint'),
  },
  tryIt: {
    text: say('setup.chatgpt.startNewChatType'),
    say: say('setup.chatgpt.useDrawbridgeShowMe'),
  },
}
