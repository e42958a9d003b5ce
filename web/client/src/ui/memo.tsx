import { Component, type ComponentType } from 'preact';

/** Skips a render when every prop is the same object as before: the reducer keeps what did not change. */
export function memo<P extends object>(Inner: ComponentType<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const before = this.props as Record<string, unknown>;
      return Object.entries(next).some(([name, value]) => before[name] !== value);
    }
    override render() {
      return <Inner {...(this.props as P)} />;
    }
  };
}
