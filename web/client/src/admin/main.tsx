import '../styles/tokens.css';
import '../styles/base.css';
import './admin.css';
import { render } from 'preact';
import { followSystem } from '../features/theme/theme';
import { Admin } from './Admin';

followSystem();
render(<Admin />, document.getElementById('app')!);
