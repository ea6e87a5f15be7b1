//! One drawing for each kind of product, from back to front, on a square of 400.

mod bags;
mod clothes;
mod desk;
mod garden;
mod kitchen;
mod light;

use domain::ArtKind;

use super::mark::Mark;

/// The marks of a kind.
pub fn marks(kind: ArtKind) -> &'static [Mark] {
    match kind {
        ArtKind::Mug => kitchen::MUG,
        ArtKind::Bowl => kitchen::BOWL,
        ArtKind::Teapot => kitchen::TEAPOT,
        ArtKind::Bottle => kitchen::BOTTLE,
        ArtKind::Towel => kitchen::TOWEL,
        ArtKind::Shirt => clothes::SHIRT,
        ArtKind::Jumper => clothes::JUMPER,
        ArtKind::Scarf => clothes::SCARF,
        ArtKind::Socks => clothes::SOCKS,
        ArtKind::Hat => clothes::HAT,
        ArtKind::Lamp => light::LAMP,
        ArtKind::Pendant => light::PENDANT,
        ArtKind::Candle => light::CANDLE,
        ArtKind::Lantern => light::LANTERN,
        ArtKind::Bag => bags::BAG,
        ArtKind::Backpack => bags::BACKPACK,
        ArtKind::Pouch => bags::POUCH,
        ArtKind::Umbrella => bags::UMBRELLA,
        ArtKind::Plant => garden::PLANT,
        ArtKind::Pot => garden::POT,
        ArtKind::WateringCan => garden::WATERING_CAN,
        ArtKind::Vase => garden::VASE,
        ArtKind::Notebook => desk::NOTEBOOK,
        ArtKind::Pencils => desk::PENCILS,
        ArtKind::Chair => desk::CHAIR,
        ArtKind::Cushion => desk::CUSHION,
        ArtKind::Clock => desk::CLOCK,
        ArtKind::Tray => desk::TRAY,
    }
}
