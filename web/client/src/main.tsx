import { render } from 'preact';
import { App } from './app';
import { watchOutgoing, watchUploads } from './features/composer/send';
import { watchDrawer } from './features/conversations/drawer-state';
import { loadInfo } from './features/notices/capabilities';
import { watchReach } from './features/notices/reach';
import { watchTab } from './features/stream/live';
import { followAddress } from './features/stream/session';
import { followSystem } from './features/theme/theme';

followSystem();
watchTab();
watchOutgoing();
watchUploads();
followAddress();
watchDrawer();
watchReach();
void loadInfo();
render(<App />, document.getElementById('app')!);
